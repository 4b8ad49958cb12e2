import { messageOf } from '../../fault/index.ts';
import type { Probe, ProbeHandler } from '../../kube/index.ts';
import { probeGrpc } from './grpc.ts';
import { probeHttp } from './http.ts';
import { resolvePort, type ProbeResult, type ProbeTarget } from './target.ts';

/** How long a handler may take. */
export interface ProbeLimits {
  readonly timeoutMs: number;
  /** Ends it earlier. */
  readonly signal?: AbortSignal;
}

async function probeTcp(
  target: ProbeTarget,
  { host, port }: { host: string; port: number },
  signal: AbortSignal,
): Promise<ProbeResult> {
  const socket = await target.connect(host, port, signal);
  socket.destroy();
  return { isHealthy: true, output: '' };
}

async function probeExec(
  target: ProbeTarget,
  command: readonly string[],
  timeoutMs: number,
): Promise<ProbeResult> {
  const { code, output } = await target.exec(command, timeoutMs);
  return { isHealthy: code === 0, output };
}

function attempt(
  handler: ProbeHandler,
  target: ProbeTarget,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<ProbeResult> {
  const { container, podIP } = target;
  if (handler.exec !== undefined) return probeExec(target, handler.exec.command ?? [], timeoutMs);
  if (handler.httpGet !== undefined) return probeHttp(handler.httpGet, target, signal);
  if (handler.tcpSocket !== undefined) {
    const { host = podIP, port } = handler.tcpSocket;
    return probeTcp(target, { host, port: resolvePort(port, container) }, signal);
  }
  if (handler.grpc !== undefined) return probeGrpc(handler.grpc, target, signal);
  throw new TypeError('a probe without a handler');
}

/**
 * Runs a handler once. Every failure to run it is an unhealthy result, never a throw, and no socket of it is left open:
 * a server that accepts and never answers would otherwise cost one for each period.
 */
export async function runHandler(
  handler: ProbeHandler,
  target: ProbeTarget,
  { timeoutMs, signal }: ProbeLimits,
): Promise<ProbeResult> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const ended = new Promise<ProbeResult>((resolve) => {
      ending.signal.addEventListener('abort', () =>
        resolve({ isHealthy: false, output: 'context deadline exceeded' }),
      );
    });
    const limits = { timeoutMs, signal: ending.signal };
    return await Promise.race([ended, attempt(handler, target, limits)]);
  } catch (error) {
    return { isHealthy: false, output: messageOf(error) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** Runs a probe once within its time-out. */
export function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  return runHandler(probe, target, { timeoutMs: (probe.timeoutSeconds ?? 1) * 1000 });
}
