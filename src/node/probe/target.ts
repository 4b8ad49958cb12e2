import type { Socket } from 'node:net';
import type { Container } from '../../kube/index.ts';

/** What a probe found; `output` is what an Unhealthy event says. */
export interface ProbeResult {
  readonly isHealthy: boolean;
  readonly output: string;
}

/** How a prober reaches the container: the node's view, as a kubelet has it. */
export interface ProbeTarget {
  readonly container: Container;
  readonly podIP: string;
  /** Connects from the node's network namespace; aborting destroys the socket, connected or not. */
  connect(host: string, port: number, signal: AbortSignal): Promise<Socket>;
  /** Runs a command in the container. @throws Fault `EXEC_TIMEOUT`. */
  exec(command: readonly string[], timeoutMs: number): Promise<{ code: number; output: string }>;
}

/** A port given by number or by the name of a container port. */
export function resolvePort(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port);
  if (named !== undefined) return named.containerPort;
  const number = Number(port);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`couldn't find port: ${port} in container ${container.name}`);
}
