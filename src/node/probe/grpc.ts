import { connect, constants, type ClientHttp2Session } from 'node:http2';
import type { GRPCAction } from '../../kube/index.ts';
import type { ProbeResult, ProbeTarget } from './target.ts';

const PATH = '/grpc.health.v1.Health/Check';
/** `HealthCheckResponse.ServingStatus.SERVING` (grpc health/v1/health.proto). */
const SERVING = 1;

/** A protocol buffers base 128 number. */
function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** A gRPC frame holding `HealthCheckRequest { string service = 1; }`. */
export function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const field = name.length === 0 ? [] : [0x0a, ...varint(name.length), ...name];
  const frame = Buffer.alloc(5 + field.length);
  frame.writeUInt32BE(field.length, 1);
  frame.set(field, 5);
  return frame;
}

/** The serving status in a gRPC frame holding `HealthCheckResponse { ServingStatus status = 1; }`. */
export function servingStatus(frame: Buffer): number {
  return frame.length >= 7 && frame[5] === 0x08 ? (frame[6] ?? 0) : 0;
}

function call(session: ClientHttp2Session, service: string): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    // A session whose socket is destroyed closes without an error.
    session.once('close', () => reject(new Error('the connection ended before the answer')));
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
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.once('end', () => resolve(judge(servingStatus(Buffer.concat(chunks)), status)));
    stream.end(healthCheckRequest(service));
  });
}

function judge(serving: number, grpcStatus: string): ProbeResult {
  if (serving === SERVING) return { isHealthy: true, output: '' };
  const isAnswer = grpcStatus === '' || grpcStatus === '0';
  const why = isAnswer ? `status ${serving}` : `grpc-status ${grpcStatus}`;
  return { isHealthy: false, output: `service unhealthy (responded with ${why})` };
}

/** Calls the gRPC health service of the container (core/v1 GRPCAction). Aborting destroys the connection. */
export async function probeGrpc(
  action: GRPCAction,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { podIP } = target;
  const socket = await target.connect(podIP, action.port, signal);
  const authority = `http://${podIP.includes(':') ? `[${podIP}]` : podIP}:${action.port}`;
  const session = connect(authority, { createConnection: () => socket });
  try {
    return await call(session, action.service ?? '');
  } finally {
    session.destroy();
    socket.destroy();
  }
}
