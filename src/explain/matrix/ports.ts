import { Fault } from '../../fault/index.ts';
import { isSidecar, type Pod } from '../../kube/index.ts';
import type { MatrixPort } from './contract.ts';

const FORM = /^(?<number>\d+)?(?:\/?(?<protocol>tcp|udp|sctp|icmp))?$/i;

function parsePort(text: string): MatrixPort {
  const { number, protocol = 'TCP' } = FORM.exec(text)?.groups ?? {};
  const upper = protocol.toUpperCase() as MatrixPort['protocol'];
  const port = Number(number ?? 0);
  const isIcmp = upper === 'ICMP';
  if (isIcmp ? number === undefined : port >= 1 && port <= 65_535) return { port, protocol: upper };
  throw new Fault({
    code: 'PORTS_NOT_UNDERSTOOD',
    message: `"${text}" is no port`,
    advice: 'Write a list like 80,443/TCP,53/UDP,ICMP.',
  });
}

/** Reads `80,443/TCP,53/UDP`. @throws Fault `PORTS_NOT_UNDERSTOOD` */
export function parsePorts(text: string): MatrixPort[] {
  return text.split(',').map((one) => parsePort(one.trim()));
}

export function portText({ port, protocol }: MatrixPort): string {
  return protocol === 'ICMP' ? protocol : `${port}/${protocol}`;
}

/** The ports that a pod's containers declare, sorted. */
export function declaredPorts({ spec }: Pod): MatrixPort[] {
  const { containers, initContainers = [] } = spec;
  const found = [...containers, ...initContainers.filter(isSidecar)].flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol = 'TCP' }) => ({ port: containerPort, protocol })),
  );
  return distinct(found);
}

/** Each once, by number, then protocol. */
export function distinct(ports: readonly MatrixPort[]): MatrixPort[] {
  const byText = new Map(ports.map((port) => [portText(port), port]));
  return [...byText.values()].sort(
    (one, two) => one.port - two.port || (one.protocol < two.protocol ? -1 : 1),
  );
}
