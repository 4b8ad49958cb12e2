import { request } from 'node:http';
import { connect as connectTls } from 'node:tls';
import type { Socket } from 'node:net';
import type { HTTPGetAction } from '../../kube/index.ts';
import { resolvePort, type ProbeResult, type ProbeTarget } from './target.ts';

/** How much of an answer is read; the kubelet's limit. */
const MAX_BODY = 10 * 1024;

function secured(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The kubelet does not verify certificates of probes: they belong to the pod, not to the cluster.
    const tls = connectTls({ socket, rejectUnauthorized: false });
    tls.once('secureConnect', () => resolve(tls));
    tls.on('error', reject);
    // A socket that is destroyed under TLS ends without an error.
    tls.once('close', () => reject(new Error('the connection ended during the TLS handshake')));
  });
}

function headersOf(action: HTTPGetAction, host: string, port: number): Record<string, string> {
  const headers: Record<string, string> = {
    host: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    'user-agent': 'kube-probe/1.36',
    accept: '*/*',
    connection: 'close',
  };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  return headers;
}

/** GETs the path; 200 to 399 is healthy (core/v1 HTTPGetAction). Aborting destroys the connection. */
export async function probeHttp(
  action: HTTPGetAction,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const host = action.host ?? target.podIP;
  const port = resolvePort(action.port, target.container);
  const plain = await target.connect(host, port, signal);
  try {
    const socket = action.scheme === 'HTTPS' ? await secured(plain) : plain;
    return await exchange(action, { host, port, socket });
  } finally {
    plain.destroy();
  }
}

function exchange(
  action: HTTPGetAction,
  { host, port, socket }: { host: string; port: number; socket: Socket },
): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const path = action.path ?? '/';
    const headers = headersOf(action, host, port);
    const outgoing = request({ host, port, path, headers, createConnection: () => socket });
    outgoing.on('error', reject);
    outgoing.once('response', (response) => {
      const status = response.statusCode ?? 0;
      const isHealthy = status >= 200 && status < 400;
      let body = '';
      const settle = (): void =>
        resolve(
          isHealthy
            ? { isHealthy, output: body }
            : { isHealthy, output: `HTTP probe failed with statuscode: ${status}` },
        );
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        // Enough: a stream without an end is an answer too.
        if (body.length >= MAX_BODY) settle();
      });
      response.once('end', settle);
      response.on('error', reject);
    });
    outgoing.end();
  });
}
