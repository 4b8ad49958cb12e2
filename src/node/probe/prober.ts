import type { Probe, ProbeHandler } from '../../kube/index.ts';
import { probeGrpc } from './grpc.ts';
import { probeHttp } from './http.ts';
import { resolvePort, type ProbeResult, type ProbeTarget } from './target.ts';

async function probeTcp(target: ProbeTarget, host: string, port: number): Promise<ProbeResult> {
  const socket = await target.connect(host, port);
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
  timeoutMs: number,
): Promise<ProbeResult> {
  const { container, podIP } = target;
  if (handler.exec !== undefined) return probeExec(target, handler.exec.command ?? [], timeoutMs);
  if (handler.httpGet !== undefined) return probeHttp(handler.httpGet, target, timeoutMs);
  if (handler.tcpSocket !== undefined) {
    const { host, port } = handler.tcpSocket;
    return probeTcp(target, host ?? podIP, resolvePort(port, container));
  }
  if (handler.grpc !== undefined) return probeGrpc(handler.grpc, target, timeoutMs);
  throw new Error('probe has no handler');
}

/** Runs a probe once within its time-out; every failure to run it is an unhealthy result, never a throw. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(
      () => resolve({ isHealthy: false, output: 'context deadline exceeded' }),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([attempt(probe, target, timeoutMs), expired]);
  } catch (error) {
    return { isHealthy: false, output: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
