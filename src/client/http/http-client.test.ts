import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { Fault } from '../../fault/index.ts';
import { ApiError, configMapKind, namespaceKind, nodeKind, podKind } from '../../kube/index.ts';
import type { WatchEvent } from '../client.ts';
import { createHttpClient, type ClosableClient } from './http-client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(handler: Handler, timeoutMs?: number): Promise<ClosableClient> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => handler(request, response, body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient({
    server: `http://127.0.0.1:${port}/base/`,
    token: 'secret',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  closers.push(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

const ref = { name: 'web', namespace: 'shop' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref };

/** Answers with what was asked. */
const echo: Handler = ({ method, url, headers }, response, body) => {
  response.end(
    JSON.stringify({
      ...object,
      asked: `${method} ${url}`,
      type: headers['content-type'],
      authorization: headers.authorization,
      body: body === '' ? undefined : JSON.parse(body),
    }),
  );
};

async function asked(
  answer: Promise<unknown>,
): Promise<{ asked: string; type?: string; body?: unknown }> {
  return (await answer) as { asked: string; type?: string; body?: unknown };
}

test('asks for what the API’s paths and verbs say', async () => {
  const client = await serve(echo);
  const base = '/base/api/v1/namespaces/shop/configmaps';
  assert.equal((await asked(client.get(configMapKind, ref))).asked, `GET ${base}/web`);
  assert.equal(
    (await asked(client.get(nodeKind, { name: 'n' }))).asked,
    'GET /base/api/v1/nodes/n',
  );
  assert.equal((await asked(client.create(configMapKind, object))).asked, `POST ${base}`);
  const dry = await asked(
    client.update(configMapKind, object, { dryRun: true, fieldManager: 'me' }),
  );
  assert.equal(dry.asked, `PUT ${base}/web?dryRun=All&fieldManager=me`);
  const patch = { type: 'strategic', body: { data: { a: '1' } } } as const;
  const patched = await asked(client.patch(podKind, { ...ref, subresource: 'status' }, patch));
  assert.equal(patched.asked, 'PATCH /base/api/v1/namespaces/shop/pods/web/status');
  assert.equal(patched.type, 'application/strategic-merge-patch+json');
  assert.deepEqual(patched.body, patch.body);
  const evict = await asked(
    client.createSubresource(podKind, { ...ref, subresource: 'eviction' }, object),
  );
  assert.equal(evict.asked, 'POST /base/api/v1/namespaces/shop/pods/web/eviction');
  const finalize = { name: 'shop', subresource: 'finalize' };
  const finalized = await asked(client.createSubresource(namespaceKind, finalize, object));
  assert.equal(finalized.asked, 'PUT /base/api/v1/namespaces/shop/finalize');
});

test('sends selectors, and completes the objects of a list', async () => {
  let url = '';
  const client = await serve((request, response) => {
    url = request.url ?? '';
    response.end(
      JSON.stringify({ kind: 'ConfigMapList', metadata: {}, items: [{ metadata: ref }] }),
    );
  });
  const list = await client.list(configMapKind, { labelSelector: 'a in (b,c)', limit: 5 });
  assert.equal(url, '/base/api/v1/configmaps?labelSelector=a+in+%28b%2Cc%29&limit=5');
  assert.deepEqual(list.items, [object]);
});

test('turns a Status into the error that the server threw', async () => {
  const client = await serve((_request, response) => {
    response.statusCode = 409;
    response.end(
      JSON.stringify({
        kind: 'Status',
        status: 'Failure',
        reason: 'AlreadyExists',
        message: 'configmaps "web" already exists',
        details: { name: 'web' },
        code: 409,
      }),
    );
  });
  await assert.rejects(client.create(configMapKind, object), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
      [error.reason, error.message, error.status.details?.name],
      ['AlreadyExists', 'configmaps "web" already exists', 'web'],
    );
    return true;
  });
});

test('tells what a proxy in between says', async () => {
  const client = await serve((_request, response) => {
    response.statusCode = 503;
    response.end('<h1>no upstream</h1>');
  });
  await assert.rejects(client.get(configMapKind, ref), /HTTP 503: <h1>no upstream/);
});

test('takes neither a page nor a redirection for an object', async () => {
  const page = await serve((_request, response) => response.end('<h1>log in</h1>'));
  await assert.rejects(
    page.get(configMapKind, ref),
    (error) => error instanceof Fault && error.code === 'API_UNREACHABLE',
  );
  const redirection = await serve((_request, response) => {
    response.writeHead(302, { location: '/login' }).end();
  });
  await assert.rejects(redirection.get(configMapKind, ref), /HTTP 302/);
});

test('says that nobody listens', async () => {
  const client = createHttpClient({ server: 'http://127.0.0.1:1' });
  closers.push(() => client.close());
  await assert.rejects(
    client.get(configMapKind, ref),
    (error) => error instanceof Fault && error.code === 'API_UNREACHABLE',
  );
});

function watching(client: ClosableClient) {
  const events: WatchEvent[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<Error | undefined>();
  const watch = client.watch(
    configMapKind,
    { resourceVersion: '5' },
    { onEvent: (event) => events.push(event as never), onEnd: resolve },
  );
  return { events, ended, watch };
}

test('follows a watch whose events come in pieces, until the server ends it', async () => {
  let url = '';
  const client = await serve((request, response) => {
    url = request.url ?? '';
    const text = ['ADDED', 'MODIFIED', 'DELETED']
      .map((type) => JSON.stringify({ type, object: { ...object, data: { note: 'ünïcödé' } } }))
      .join('\n');
    const bytes = Buffer.from(`${text}\n`);
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  });
  const { events, ended } = watching(client);
  assert.equal(await ended, undefined);
  assert.match(url, /resourceVersion=5&watch=true&allowWatchBookmarks=true$/);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'DELETED'],
  );
  assert.match(JSON.stringify(events[0]), /ünïcödé/);
});

test('ends a watch with the error that the server sends in it', async () => {
  const client = await serve((_request, response) => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    // A server may leave the connection open: it is the client that closes it then.
    response.write(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
  });
  const reason = await watching(client).ended;
  assert.ok(reason instanceof ApiError);
  assert.equal(reason.reason, 'Expired');
});

test('a closed watch says nothing and lets go of its connection', async () => {
  const gone = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const client = await serve((_request, response) => {
    response.on('close', gone.resolve);
    response.write('\n');
    opened.resolve();
  });
  let ends = 0;
  const watch = client.watch(configMapKind, {}, { onEvent: () => {}, onEnd: () => (ends += 1) });
  await opened.promise;
  watch.close();
  await gone.promise;
  assert.equal(ends, 0);
});

test('a watch that is closed while it is told of an event is told of no other', async () => {
  const client = await serve((_request, response) => {
    const line = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a' } } });
    response.write(`${line}\n${line}\n${line}\n`);
  });
  const told = Promise.withResolvers<void>();
  let events = 0;
  const watch = client.watch(
    configMapKind,
    {},
    {
      onEvent: () => {
        events += 1;
        watch.close();
        told.resolve();
      },
      onEnd: (reason) => told.reject(reason),
    },
  );
  await told.promise;
  await new Promise(setImmediate);
  assert.equal(events, 1);
});

test('a server that accepts and does not answer, or not to the end, is told of', async () => {
  const late = {
    code: 'API_TIMEOUT',
    message: /^the API server http:.* did not answer GET \/api\/v1\/nodes\/n within 0\.2 s$/,
  };
  const silent = await serve(() => {}, 200);
  await assert.rejects(silent.get(nodeKind, { name: 'n' }), late);
  const halting = await serve((_request, response) => response.write('{"kind":'), 200);
  await assert.rejects(halting.get(nodeKind, { name: 'n' }), late);
});

test('a request that waits for a free connection is not waited for longer', async () => {
  const silent = await serve(() => {}, 200);
  const requests = Array.from({ length: 40 }, () => silent.get(nodeKind, { name: 'n' }));
  for (const result of await Promise.allSettled(requests)) {
    assert.equal(result.status, 'rejected');
    assert.equal((result.reason as Fault).code, 'API_TIMEOUT');
  }
});

test('a watch may be silent for longer than a request', async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<ServerResponse>();
  const client = await serve((request, response) => {
    if (!request.url?.includes('watch=true')) return;
    response.flushHeaders();
    open(response);
  }, 50);
  const { promise: seen, resolve: see } = Promise.withResolvers<string>();
  const watch = client.watch(
    configMapKind,
    {},
    { onEvent: ({ type }) => see(type), onEnd: (reason) => see(`ended: ${reason?.message}`) },
  );
  const response = await opened;
  // A request that began after the watch has run into its limit: the watch, which is older, has not.
  await assert.rejects(client.get(nodeKind, { name: 'n' }), { code: 'API_TIMEOUT' });
  response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  assert.equal(await seen, 'ADDED');
  watch.close();
});
