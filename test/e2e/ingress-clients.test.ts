// Real clients of an Ingress: TLS with certificates that are rotated, HTTP/2, WebSocket, events, gRPC's calls.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type ClientHttp2Session } from 'node:http2';
import { dirname, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { TestCluster, until } from './harness.ts';
import { IngressClient } from './ingress-client.ts';
import { certificate, peer } from './ingress-objects.ts';
import { manifest } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const client = new IngressClient(cluster);
let at = '';

/** Speaks to a server that says what it is told: one call, one stream, one method that is not there. */
const grpcProgram = `
import sys, grpc
at, authorities = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(open(authorities, 'rb').read())
options = [('grpc.ssl_target_name_override', 'grpc.test'), ('grpc.default_authority', 'grpc.test')]
with grpc.secure_channel(at + ':443', credentials, options) as channel:
    print(channel.unary_unary('/echo.Echo/Say')(b'hello', timeout=10).decode())
    words = channel.stream_stream('/echo.Echo/Chat')(iter([b'one', b'two', b'three']), timeout=10)
    print(*[word.decode() for word in words])
    try:
        channel.unary_unary('/other.Other/Say')(b'', timeout=10)
    except grpc.RpcError as error:
        print(error.code().name)
`;

interface IngressFields {
  readonly host: string;
  readonly port?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly secretName?: string;
}

function ingress(name: string, { host, port = 'http', annotations, secretName }: IngressFields) {
  const backend = { service: { name: 'peer', port: { name: port } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      annotations: Object.fromEntries(
        Object.entries(annotations ?? {}).map(([key, value]) => [
          `nginx.ingress.kubernetes.io/${key}`,
          value,
        ]),
      ),
    },
    spec: {
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      ...(secretName === undefined ? {} : { tls: [{ hosts: [host], secretName }] }),
    },
  };
}

/** The certificate that answers for a name: PEM. */
async function shownFor(servername: string): Promise<string> {
  const socket = connectTls({ host: at, port: 443, servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const text = socket.getPeerX509Certificate()?.toString() ?? '';
  socket.destroy();
  return text;
}

before(async () => {
  await cluster.start('--addons', 'ingress');
  const ports = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'grpc', port: 9090, targetPort: 9090 },
  ];
  const spec = { selector: { tier: 'peer' }, ports };
  await kubectl.apply(
    manifest(
      peer('peer-1'),
      peer('peer-2'),
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'peer' }, spec },
      ingress('plain', { host: 'plain.test' }),
    ),
  );
  await cluster.ready('tier=peer');
  at = await client.address('plain');
  await client.awaitStatus(200, at, 'http://plain.test/');
});
after(() => cluster.close());

describe('TLS', () => {
  const url = 'https://tls.test/path';
  const first = certificate('cert', 'tls.test');
  const second = certificate('cert', 'tls.test');

  test('a Secret that is missing is told, and the self-signed certificate answers', async () => {
    const fields = { host: 'tls.test', secretName: 'cert' };
    const { stderr } = await kubectl.run(['apply', '-f', '-'], {
      input: JSON.stringify(ingress('tls', fields)),
    });
    assert.match(
      stderr,
      /^Warning: spec\.tls\[0\]\.secretName: there is no Secret "default\/cert"/,
    );
    await client.address('tls');
    assert.equal((await client.ask(at, url)).status, 0);
    assert.equal((await client.ask(at, url, '-k')).status, 200);
  });

  test('the Secret answers as soon as it is there, to whoever trusts it, with HTTP/2', async () => {
    await kubectl.apply(manifest(first.secret));
    await until('the first certificate', async () =>
      (await shownFor('tls.test')) === first.chain ? true : undefined,
    );
    const authorities = join(cluster.home, 'authorities.pem');
    writeFileSync(authorities, first.chain);
    const trusted = await client.ask(at, url, '--cacert', authorities);
    assert.deepEqual([trusted.status, trusted.version], [200, '2']);
    assert.equal((JSON.parse(trusted.body) as { url: string }).url, '/path');
  });

  test('other names have the self-signed one', async () => {
    assert.notEqual(await shownFor('plain.test'), first.chain);
  });

  test('http is sent to https', async () => {
    const { status, location } = await client.ask(at, 'http://tls.test/path?q=1');
    assert.deepEqual([status, location], [308, 'https://tls.test/path?q=1']);
  });

  test('a certificate is rotated while connections go on', async () => {
    const session: ClientHttp2Session = connect('https://tls.test', {
      host: at,
      servername: 'tls.test',
      ca: first.chain,
    });
    await once(session, 'connect');
    await kubectl.apply(manifest(second.secret));
    await until('the second certificate', async () =>
      (await shownFor('tls.test')) === second.chain ? true : undefined,
    );
    const stream = session.request({ ':path': '/still-here' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    assert.equal(headers[':status'], 200);
    session.destroy();
  });

  test('older TLS is refused', async () => {
    assert.equal((await client.ask(at, url, '-k', '--tls-max', '1.1')).status, 0);
    assert.equal((await client.ask(at, url, '-k', '--tls-max', '1.2')).status, 200);
  });
});

describe('long connections', () => {
  test('a WebSocket goes both ways, through changes of routes', async () => {
    const socket = new WebSocket(`ws://${at}/chat?room=1`, { headers: { host: 'plain.test' } });
    const [greeting] = (await once(socket, 'message')) as [Buffer];
    assert.match(String(greeting), /^hello from peer-[12] at \/chat\?room=1$/);
    await kubectl.apply(manifest(ingress('another', { host: 'another.test' })));
    await client.awaitStatus(200, at, 'http://another.test/');
    await kubectl('delete', 'ingress', 'another');
    await client.awaitStatus(404, at, 'http://another.test/');
    for (const message of ['text', Buffer.from([0, 1, 2, 255])]) {
      socket.send(message);
      const [echo, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
      assert.deepEqual([Buffer.from(message), isBinary], [echo, typeof message !== 'string']);
    }
    socket.close(1000, 'bye');
    const [code] = (await once(socket, 'close')) as [number];
    assert.equal(code, 1000);
  });

  test('events arrive one by one, as they are sent', async () => {
    const headers = { host: 'plain.test' };
    const request = get({ host: at, path: '/events', headers });
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    for (const number of ['1', '2', '3']) {
      const [chunk] = (await once(response, 'data')) as [Buffer];
      assert.equal(String(chunk), `data: ${number}\n\n`);
    }
    request.destroy();
  });
});

describe('gRPC', () => {
  const said = Buffer.from('\0\0\0\0\u0005hello', 'latin1');

  /** A unary call as gRPC's HTTP/2 mapping has it: message and status of what is answered. */
  async function call(path: string): Promise<{ message: Buffer; status: unknown }> {
    const session = connect('https://grpc.test', {
      host: at,
      servername: 'grpc.test',
      rejectUnauthorized: false,
    });
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const parts: Buffer[] = [];
    let status: unknown;
    stream.on('data', (chunk: Buffer) => parts.push(chunk));
    stream.on('trailers', (trailers: Record<string, unknown>) => {
      status = trailers['grpc-status'];
    });
    stream.end(said);
    await once(stream, 'close');
    session.close();
    return { message: Buffer.concat(parts), status };
  }

  const own = certificate('grpc', 'grpc.test');

  before(async () => {
    const annotations = { 'backend-protocol': 'GRPC' };
    const fields = { host: 'grpc.test', port: 'grpc', annotations, secretName: 'grpc' };
    await kubectl.apply(manifest(own.secret, ingress('grpc', fields)));
    await client.address('grpc');
  });

  test('a call has its message and its status, whichever it is', async () => {
    assert.deepEqual(await call('/echo.Echo/Say'), { message: said, status: '0' });
    assert.equal((await call('/other.Other/Say')).status, '12');
  });

  const folder = process.env['PORTOLAN_GRPC'];
  const skip = folder === undefined && 'no gRPC client on this machine';
  test('a client of the gRPC project makes calls and streams', { skip }, async () => {
    const modules = dirname(folder ?? '');
    const libraries = join(modules, '../..');
    const folders = readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu'));
    const authorities = join(cluster.home, 'grpc.pem');
    writeFileSync(authorities, own.chain);
    const env = {
      PYTHONPATH: modules,
      LD_LIBRARY_PATH: folders.map((name) => join(libraries, name)).join(':'),
    };
    const told = await cluster.ok('/usr/bin/python3', ['-', at, authorities], {
      input: grpcProgram,
      env,
    });
    assert.equal(told, 'hello\none two three\nUNIMPLEMENTED');
  });
});

test('what clients send on reaches the pod, and what only proxies may say does not', async () => {
  const lies = ['-H', 'X-Forwarded-Proto: https', '-H', 'X-Real-IP: 1.2.3.4'];
  const { body } = await client.ask(at, 'http://plain.test/a%20b?c=d', '-H', 'X-Own: yes', ...lies);
  const { url, headers } = JSON.parse(body) as { url: string; headers: Record<string, string> };
  assert.equal(url, '/a%20b?c=d');
  assert.equal(headers['x-own'], 'yes');
  assert.equal(headers['x-forwarded-proto'], 'http');
  assert.notEqual(headers['x-real-ip'], '1.2.3.4');
  assert.match(headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/);
});
