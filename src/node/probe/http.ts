import { request } from 'node:http';
import { connect as connectTls } from 'node:tls';
import type { Socket } from 'node:net';
import type { HTTPGetAction } from '../../kube/index.ts';
import { resolvePort, type ProbeResult, type ProbeTarget } from './target.ts';

/** How much of a failing body an event may quote. */
const MAX_BODY = 10 * 1024;

function secured(socket: Socket, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The kubelet does not verify certificates of probes: they belong to the pod, not to the cluster.
    const tls = connectTls({ socket, servername: host, rejectUnauthorized: false });
    tls.once('secureConnect', () => resolve(tls));
    tls.once('error', reject);
  });
}

function headersOf(action: HTTPGetAction): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': 'kube-probe/1.36',
    accept: '*/*',
    connection: 'close',
  };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  return headers;
}

/** GETs the path; 200 to 399 is healthy (core/v1 HTTPGetAction). */
export async function probeHttp(
  action: HTTPGetAction,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  const host = action.host ?? target.podIP;
  const port = resolvePort(action.port, target.container);
  const plain = await target.connect(host, port);
  const socket = action.scheme === 'HTTPS' ? await secured(plain, host) : plain;
  try {
    return await new Promise<ProbeResult>((resolve, reject) => {
      const outgoing = request({
        host,
        port,
        path: action.path ?? '/',
        headers: {
          host: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
          ...headersOf(action),
        },
        createConnection: () => socket,
        timeout: timeoutMs,
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        const status = response.statusCode ?? 0;
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          if (body.length < MAX_BODY) body += text;
        });
        response.once('end', () =>
          resolve(
            status >= 200 && status < 400
              ? { isHealthy: true, output: body }
              : { isHealthy: false, output: `HTTP probe failed with statuscode: ${status}` },
          ),
        );
        response.once('error', reject);
      });
      outgoing.end();
    });
  } finally {
    socket.destroy();
  }
}
