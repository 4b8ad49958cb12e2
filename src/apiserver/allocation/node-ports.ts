import {
  ApiError,
  fieldInvalid,
  FieldPath,
  needsNodePort,
  type FieldError,
  type Protocol,
  type Service,
  type ServicePort,
} from '../../kube/index.ts';
import type { PortRange } from '../../ip/index.ts';
import {
  bandedRange,
  candidates,
  nodePortBand,
  type BandedRange,
  type Pick,
} from './dynamic-range.ts';

/** How the ports of one Service ask the ledger. */
export interface PortQueries {
  /** Nobody holds the port, for any protocol. */
  isFree(port: number): boolean;
  /** Another Service holds the port for this protocol. */
  isTaken(protocol: Protocol, port: number): boolean;
}

/** The node ports of the cluster, inclusive range. Knows the range, not who holds what. */
export class PortPool {
  private readonly ports: PortRange;
  private readonly range: BandedRange;
  private readonly pick: Pick;

  constructor(ports: PortRange, pick: Pick) {
    this.ports = ports;
    this.range = bandedRange(ports.last - ports.first + 1, nodePortBand);
    this.pick = pick;
  }

  contains(port: number): boolean {
    return port >= this.ports.first && port <= this.ports.last;
  }

  next(isFree: (port: number) => boolean): number | undefined {
    for (const offset of candidates(this.range, this.pick)) {
      const port = this.ports.first + offset;
      if (isFree(port)) return port;
    }
    return undefined;
  }

  toText(): string {
    return `${this.ports.first}-${this.ports.last}`;
  }
}

/** Says why a port that the user chose cannot be had; undefined when it can. */
export function portProblem(
  pool: PortPool,
  { protocol = 'TCP', nodePort = 0 }: ServicePort,
  queries: PortQueries,
): string | undefined {
  if (!pool.contains(nodePort)) {
    return `provided port is not in the valid range. The range of valid ports is ${pool.toText()}`;
  }
  return queries.isTaken(protocol, nodePort) ? 'provided port is already allocated' : undefined;
}

/**
 * Checks the node ports that are chosen and finds one for each port that needs one, in place. Ports that differ
 * in protocol only share their number, as users expect of DNS.
 * @throws ApiError `InternalError` when the range is full.
 */
export function fillNodePorts(
  service: Service,
  pool: PortPool,
  queries: PortQueries,
): FieldError[] {
  const { ports = [] } = service.spec;
  const errors = ports.flatMap((port, position) => chosenErrors(port, position, { pool, queries }));
  if (errors.length > 0 || !needsNodePort(service.spec)) return errors;
  const own = new Set(ports.map(({ nodePort = 0 }) => nodePort));
  for (const port of ports) {
    if ((port.nodePort ?? 0) !== 0) continue;
    const number =
      sharedPort(port, ports, queries) ??
      pool.next((candidate) => !own.has(candidate) && queries.isFree(candidate));
    if (number === undefined) throw rangeFull('a nodePort');
    port.nodePort = number;
    own.add(number);
  }
  return [];
}

/** What a create fails with when everything is handed out. */
export function rangeFull(what: string): ApiError {
  const message = `Internal error occurred: failed to allocate ${what}: range is full`;
  return new ApiError('InternalError', message);
}

interface PortContext {
  readonly pool: PortPool;
  readonly queries: PortQueries;
}

function chosenErrors(
  port: ServicePort,
  position: number,
  { pool, queries }: PortContext,
): FieldError[] {
  if ((port.nodePort ?? 0) === 0) return [];
  const problem = portProblem(pool, port, queries);
  const path = new FieldPath('spec').child('ports').index(position).child('nodePort');
  return problem === undefined ? [] : [fieldInvalid(path, port.nodePort, problem)];
}

/** The number that the same port has for another protocol, where that is to be had. */
function sharedPort(
  { port, protocol = 'TCP' }: ServicePort,
  ports: readonly ServicePort[],
  queries: PortQueries,
): number | undefined {
  const isUsedHere = (number: number): boolean =>
    ports.some((other) => other.nodePort === number && other.protocol === protocol);
  return ports
    .filter((other) => other.port === port && other.protocol !== protocol)
    .map(({ nodePort = 0 }) => nodePort)
    .find((number) => number !== 0 && !isUsedHere(number) && !queries.isTaken(protocol, number));
}
