import { connect, constants } from 'node:http2';
import type { GRPCAction } from '../../kube/index.ts';
import type { ProbeResult, ProbeTarget } from './target.ts';

const PATH = '/grpc.health.v1.Health/Check';
/** `HealthCheckResponse.ServingStatus.SERVING` (grpc health/v1/health.proto). */
const SERVING = 1;

/** A gRPC frame holding `HealthCheckRequest { string service = 1; }`. */
export function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

/** The serving status in a gRPC frame holding `HealthCheckResponse { ServingStatus status = 1; }`. */
export function servingStatus(frame: Buffer): number {
  return frame.length >= 7 && frame[5] === 0x08 ? (frame[6] ?? 0) : 0;
}

/** Calls the gRPC health service of the container (core/v1 GRPCAction). */
export async function probeGrpc(
  action: GRPCAction,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  const socket = await target.connect(target.podIP, action.port);
  const authority = `http://${target.podIP.includes(':') ? `[${target.podIP}]` : target.podIP}:${action.port}`;
  const session = connect(authority, { createConnection: () => socket });
  try {
    return await new Promise<ProbeResult>((resolve, reject) => {
      session.once('error', reject);
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: PATH,
        'content-type': 'application/grpc',
        te: 'trailers',
        'user-agent': 'kube-probe/1.36',
      });
      const chunks: Buffer[] = [];
      let status = '';
      const note = (headers: Record<string, unknown>): void => {
        const value = headers['grpc-status'];
        if (typeof value === 'string') status = value;
      };
      stream.setTimeout(timeoutMs, () => stream.close(constants.NGHTTP2_CANCEL));
      stream.on('response', note);
      stream.on('trailers', note);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', reject);
      stream.once('end', () => {
        const serving = servingStatus(Buffer.concat(chunks));
        if (serving === SERVING) resolve({ isHealthy: true, output: '' });
        else {
          const why =
            status === '' || status === '0' ? `status ${serving}` : `grpc-status ${status}`;
          resolve({ isHealthy: false, output: `service unhealthy (responded with ${why})` });
        }
      });
      stream.end(healthCheckRequest(action.service ?? ''));
    });
  } finally {
    session.destroy();
    socket.destroy();
  }
}
