import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createGrpcServer, type Http2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { createCertificate } from '../../apiserver/authentication/certificate.ts';
import { createPair } from '../../kernel/testing/pair.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { Probe } from '../../kube/index.ts';
import { connectFrom } from '../pod/reach.ts';
import { healthCheckRequest, servingStatus } from './grpc.ts';
import { runHandler, runProbe } from './prober.ts';
import type { ProbeResult, ProbeTarget } from './target.ts';

/** The node on the left, the pod on the right, both real namespaces. */
const machine = new TestKernel();
const [left, right] = createPair(machine);
const servers: (Server | Http2Server)[] = [];
after(() => {
  for (const server of servers) server.close();
  machine.dispose();
});

/** Sockets that probes opened; every one must be destroyed when its probe is over. */
const opened: Socket[] = [];

function target(family: 4 | 6 = 4): ProbeTarget {
  return {
    container: { name: 'main', ports: [{ name: 'http', containerPort: 8080 }] },
    podIP: right.addresses[family],
    connect: async (host, port, signal) => {
      const socket = await connectFrom(machine.kernel, left.namespace, { host, port, signal });
      opened.push(socket);
      return socket;
    },
    exec: (command) => Promise.resolve({ code: command[0] === 'true' ? 0 : 1, output: 'said' }),
  };
}

async function serve<T extends Server | Http2Server>(server: T, port: number): Promise<T> {
  servers.push(server);
  const fd = machine.kernel.listenTcp(right.namespace, { address: '::', port });
  server.listen({ fd });
  await once(server, 'listening');
  return server;
}

async function probe(handler: Probe, family: 4 | 6 = 4): Promise<ProbeResult> {
  const result = await runProbe({ timeoutSeconds: 5, ...handler }, target(family));
  assert.ok(opened.splice(0).every(({ destroyed }) => destroyed));
  return result;
}

const answers: RequestListener = (request, response) => {
  const status = Number(request.url?.slice(1));
  response.writeHead(status, { location: '/elsewhere' });
  response.end(`${request.headers.host ?? ''} ${String(request.headers['x-test'] ?? '')}`);
};

describe('http', async () => {
  await serve(createServer(answers), 8080);

  for (const [status, isHealthy] of [
    [200, true],
    [204, true],
    [302, true],
    [400, false],
    [500, false],
  ] as const) {
    test(`${status} is ${isHealthy ? 'healthy' : 'unhealthy'}`, async () => {
      const result = await probe({ httpGet: { port: 'http', path: `/${status}` } });
      assert.equal(result.isHealthy, isHealthy);
      if (!isHealthy) {
        assert.equal(result.output, `HTTP probe failed with statuscode: ${status}`);
      }
    });
  }

  test('over IPv6, with headers of its own', async () => {
    const httpHeaders = [{ name: 'X-Test', value: 'yes' }];
    const { output } = await probe({ httpGet: { port: 8080, path: '/200', httpHeaders } }, 6);
    assert.equal(output, '[fd00::2]:8080 yes');
  });

  test('the Host header may be another', async () => {
    const httpHeaders = [{ name: 'Host', value: 'example.test' }];
    const { output } = await probe({ httpGet: { port: 8080, path: '/200', httpHeaders } });
    assert.equal(output, 'example.test ');
  });

  test('a port of an unknown name is told', async () => {
    const { isHealthy, output } = await probe({ httpGet: { port: 'nope' } });
    assert.equal(isHealthy, false);
    assert.equal(output, "couldn't find port: nope in container main");
  });

  test('a server that never answers costs its time-out and no socket', async () => {
    const peers: Socket[] = [];
    await serve(
      createTcpServer((socket) => peers.push(socket)),
      8081,
    );
    const result = await runHandler({ httpGet: { port: 8081 } }, target(), { timeoutMs: 50 });
    assert.deepEqual(result, { isHealthy: false, output: 'context deadline exceeded' });
    assert.ok(opened.splice(0).every(({ destroyed }) => destroyed));
    const [peer] = peers;
    if (peer !== undefined && !peer.closed) await once(peer.resume(), 'close');
  });

  test('an endless answer is an answer', async () => {
    const endless: RequestListener = (_request, response) => {
      response.writeHead(200);
      response.write('x'.repeat(64 * 1024));
    };
    await serve(createServer(endless), 8082);
    assert.equal((await probe({ httpGet: { port: 8082 } })).isHealthy, true);
  });
});

test('https does not ask whose certificate it is', async () => {
  const { certificate: cert, key } = createCertificate({
    subject: { commonName: 'nobody' },
    usage: 'server',
    notBefore: Date.now() - 1000,
    notAfter: Date.now() + 60_000,
  });
  await serve(createTlsServer({ cert, key }, answers), 8443);
  const result = await probe({ httpGet: { port: 8443, path: '/200', scheme: 'HTTPS' } });
  assert.deepEqual(result.isHealthy, true);
});

test('https to what speaks no TLS is unhealthy', async () => {
  await serve(
    createTcpServer((socket) => socket.end('no TLS here')),
    8444,
  );
  const result = await probe({ httpGet: { port: 8444, scheme: 'HTTPS' } });
  assert.equal(result.isHealthy, false);
});

describe('tcp', () => {
  test('an open port is healthy, a closed one refused', async () => {
    await serve(createTcpServer(), 9000);
    assert.equal((await probe({ tcpSocket: { port: 9000 } })).isHealthy, true);
    assert.equal((await probe({ tcpSocket: { port: 9000 } }, 6)).isHealthy, true);
    const refused = await probe({ tcpSocket: { port: 9001 } });
    assert.match(refused.output, /ECONNREFUSED/);
  });
});

describe('exec', () => {
  test('the exit code is the verdict, the output what the event says', async () => {
    assert.equal((await probe({ exec: { command: ['true'] } })).isHealthy, true);
    const failed = await probe({ exec: { command: ['false'] } });
    assert.deepEqual(failed, { isHealthy: false, output: 'said' });
  });
});

describe('grpc', async () => {
  const long = 'x'.repeat(300);
  const statuses = new Map([
    ['', 1],
    ['down', 2],
    [long, 1],
  ]);
  const server = createGrpcServer();
  server.on('stream', (stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const asked = [...statuses].find(([name]) =>
        healthCheckRequest(name).equals(Buffer.concat(chunks)),
      );
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      // 5: NOT_FOUND (grpc status codes), as the health service answers for a name it does not know.
      const grpcStatus = asked === undefined ? '5' : '0';
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
      stream.end(asked === undefined ? undefined : Buffer.from([0, 0, 0, 0, 2, 8, asked[1]]));
    });
  });
  await serve(server, 9090);

  test('SERVING is healthy', async () => {
    assert.equal((await probe({ grpc: { port: 9090 } })).isHealthy, true);
    assert.equal((await probe({ grpc: { port: 9090 } }, 6)).isHealthy, true);
  });

  test('the name of a service may be long', async () => {
    assert.equal((await probe({ grpc: { port: 9090, service: long } })).isHealthy, true);
  });

  test('anything else is not, and says what it is', async () => {
    const down = await probe({ grpc: { port: 9090, service: 'down' } });
    assert.equal(down.output, 'service unhealthy (responded with status 2)');
    const unknown = await probe({ grpc: { port: 9090, service: 'unknown' } });
    assert.equal(unknown.output, 'service unhealthy (responded with grpc-status 5)');
  });

  test('a server that hangs up is unhealthy', async () => {
    await serve(
      createTcpServer((socket) => socket.destroy()),
      9091,
    );
    assert.equal((await probe({ grpc: { port: 9091 } })).isHealthy, false);
  });

  test('frames', () => {
    assert.deepEqual([...healthCheckRequest('ab')], [0, 0, 0, 0, 4, 0x0a, 2, 97, 98]);
    assert.deepEqual([...healthCheckRequest(long).subarray(0, 8)], [0, 0, 0, 1, 47, 0x0a, 172, 2]);
    assert.equal(servingStatus(Buffer.from([0, 0, 0, 0, 2, 8, 1])), 1);
    assert.equal(servingStatus(Buffer.from([0, 0, 0, 0, 0])), 0);
  });
});

test('a signal ends a handler before its time', async () => {
  await serve(createTcpServer(), 9100);
  const ending = new AbortController();
  const limits = { timeoutMs: 60_000, signal: ending.signal };
  const result = runHandler({ httpGet: { port: 9100 } }, target(), limits);
  ending.abort();
  assert.equal((await result).isHealthy, false);
});
