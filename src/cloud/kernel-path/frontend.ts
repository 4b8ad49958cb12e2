import { formatAddress, type Address } from '../../ip/index.ts';

/** Where clients find one port of a load balancer. */
export interface Frontend {
  /** External. */
  readonly address: Address;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

/** What names a frontend among all. */
export function frontendKey({ address, protocol, port }: Frontend): string {
  return `${formatAddress(address)} ${protocol} ${port}`;
}
