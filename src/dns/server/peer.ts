/** Who asked, and how. */
export interface Peer {
  /** Canonical text. */
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
}
