import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { connect } from 'node:tls';
import koffi from 'koffi';
import type { AnyObject } from '../../kube/index.ts';
import { configMap } from '../registry/testing/registry.ts';
import { startTestServer, type TestServer } from '../testing/api-server.ts';
import { ask, openHttp2, watchLines } from '../testing/http.ts';

/** The listening socket under a descriptor of its own, as the kernel room hands one over. */
function duplicate(server: Server): number {
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const dup = koffi.load(null).func('int dup(int fd)') as (fd: number) => number;
  return dup(fd);
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('the API over HTTPS', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  async function contents(): Promise<string> {
    return JSON.stringify((await server.store.list({ prefix: '/' })).objects);
  }

  it('creates, reads, replaces, patches and deletes', async () => {
    const created = await ask(server, configMaps, { method: 'POST', body: configMap('one') });
    assert.equal(created.status, 201);
    const path = `${configMaps}/one`;
    const read = await ask(server, path);
    assert.deepEqual(read.object, created.object);
    const wanted = { ...created.object, data: { key: 'second' } };
    const replaced = await ask(server, path, { method: 'PUT', body: wanted });
    assert.equal(replaced.status, 200);
    const conflict = await ask(server, path, { method: 'PUT', body: wanted });
    assert.equal(conflict.status, 409);
    const patched = await ask(server, path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json' },
      body: [{ op: 'add', path: '/data/more', value: 'x' }],
    });
    assert.deepEqual(patched.object['data'], { key: 'second', more: 'x' });
    const deleted = await ask(server, path, { method: 'DELETE' });
    const { uid } = created.object.metadata;
    assert.deepEqual(deleted.object, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'one', kind: 'configmaps', uid },
    });
    const gone = await ask(server, path);
    assert.equal(gone.status, 404);
    assert.equal(gone.object.message, 'configmaps "one" not found');
  });

  it('takes and gives YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: "1"}\n';
    const headers = { 'content-type': 'application/yaml', accept: 'application/yaml' };
    const answer = await ask(server, configMaps, { method: 'POST', headers, body });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers['content-type'], 'application/yaml');
    assert.match(answer.text, /^ {2}a: "1"$/m);
  });

  it('renders tables, and metadata alone', async () => {
    await ask(server, configMaps, { method: 'POST', body: configMap('shown') });
    const one = await ask(server, `${configMaps}/shown`, { headers: { accept: table } });
    assert.equal(one.object.kind, 'Table');
    const columns = one.object['columnDefinitions'] as { name: string }[];
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['Name', 'Data', 'Age'],
    );
    const [row] = one.object['rows'] as { cells: unknown[]; object: AnyObject }[];
    assert.deepEqual(row?.cells.slice(0, 2), ['shown', 1]);
    assert.equal(row?.object.kind, 'PartialObjectMetadata');
    const bare = await ask(server, `${configMaps}/shown?includeObject=None`, {
      headers: { accept: table },
    });
    assert.equal((bare.object['rows'] as { object?: unknown }[])[0]?.object, undefined);
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const list = await ask(server, configMaps, { headers: { accept } });
    assert.equal(list.object.kind, 'PartialObjectMetadataList');
  });

  it('compresses what is large, and prints prettily', async () => {
    const data = { big: 'x'.repeat(300_000) };
    const body = { ...configMap('big'), data };
    await ask(server, configMaps, { method: 'POST', body });
    const path = `${configMaps}/big`;
    const session = openHttp2(server);
    const stream = session.request({ ':path': path, 'accept-encoding': 'gzip' });
    const [headers] = await once(stream, 'response');
    assert.equal(headers['content-encoding'], 'gzip');
    const chunks = await stream.toArray();
    const object = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()) as AnyObject;
    assert.deepEqual(object['data'], data);
    session.close();
    const pretty = await ask(server, '/api?pretty=true');
    assert.match(pretty.text, /^\{\n {2}"kind": "APIVersions",/);
  });

  it('warns in headers', async () => {
    const body = { ...configMap('warned'), extra: 1 };
    const answer = await ask(server, configMaps, { method: 'POST', body });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers['warning'], String.raw`299 - "unknown field \"extra\""`);
  });

  it('judges a patch by what it makes of the object', async () => {
    await ask(server, configMaps, { method: 'POST', body: configMap('judged') });
    const path = `${configMaps}/judged`;
    const headers = { 'content-type': 'application/merge-patch+json' };
    const body = '{"extra":1,"data":{"a":"1","a":"2"}}';
    const before = await contents();
    const strict = await ask(server, `${path}?fieldValidation=Strict`, {
      method: 'PATCH',
      headers,
      body,
    });
    assert.equal(strict.status, 422);
    assert.match(strict.object.message ?? '', /strict decoding error: .*unknown field "extra"$/);
    assert.equal(await contents(), before);
    const warned = await ask(server, path, { method: 'PATCH', headers, body });
    assert.equal('extra' in warned.object, false);
    assert.deepEqual(warned.object['data'], { key: 'value', a: '2' });
  });

  const refusals: readonly (readonly [
    string,
    string,
    Parameters<typeof ask>[2],
    number,
    string,
  ])[] = [
    ['an unknown resource', '/api/v1/nonsense', {}, 404, ''],
    ['an unknown path', '/nonsense', {}, 404, ''],
    ['a bad escape', '/api/v1/namespaces/%zz/pods', {}, 400, 'BadRequest'],
    [
      'a method that is not served',
      configMaps,
      { method: 'PUT', body: {} },
      405,
      'MethodNotAllowed',
    ],
    ['a body that is no JSON', configMaps, { method: 'POST', body: '{' }, 400, 'BadRequest'],
    ['an empty body', configMaps, { method: 'POST' }, 400, 'BadRequest'],
    [
      'a body of an unknown type',
      configMaps,
      { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'UnsupportedMediaType',
    ],
    [
      'a patch of an unknown type',
      `${configMaps}/shown`,
      { method: 'PATCH', body: {} },
      415,
      'UnsupportedMediaType',
    ],
    [
      'a body above 3 MiB',
      configMaps,
      { method: 'POST', body: `{"a":"${'x'.repeat(3 * 1024 * 1024)}"}` },
      413,
      'RequestEntityTooLarge',
    ],
    [
      'an answer as protobuf',
      configMaps,
      { headers: { accept: 'application/vnd.kubernetes.protobuf' } },
      406,
      'NotAcceptable',
    ],
    [
      'an odd dry run',
      `${configMaps}?dryRun=Some`,
      { method: 'POST', body: configMap('d') },
      400,
      'BadRequest',
    ],
    [
      'an unknown field',
      `${configMaps}?fieldValidation=Strict`,
      { method: 'POST', body: { ...configMap('s'), extra: 1 } },
      400,
      'BadRequest',
    ],
    [
      'an invalid object',
      configMaps,
      { method: 'POST', body: configMap('Not_A_Name') },
      422,
      'Invalid',
    ],
  ];
  for (const [what, path, options, status, reason] of refusals) {
    it(`refuses ${what} with ${status} and stores nothing`, async () => {
      const before = await contents();
      const answer = await ask(server, path, options);
      assert.equal(answer.status, status);
      if (reason === '') assert.equal(answer.text, '404 page not found\n');
      else {
        assert.equal(answer.object.reason, reason);
        assert.equal(answer.object['code'], status);
      }
      assert.equal(await contents(), before);
    });
  }

  it('reports its version and health', async () => {
    const { object } = await ask(server, '/version');
    assert.deepEqual(
      [object['major'], object['minor'], object['gitVersion']],
      ['1', '36', 'v1.36.0+portolan'],
    );
    for (const path of ['/healthz', '/livez', '/readyz']) {
      assert.equal((await ask(server, path)).text, 'ok');
    }
    assert.match((await ask(server, '/metrics')).text, /^apiserver_request_total\{verb="create"/m);
  });

  it('sends watch events as lines, as tables too', async () => {
    const session = openHttp2(server);
    const path = '/api/v1/namespaces/watched/configmaps';
    const plain = watchLines(session, `${path}?watch=true`);
    const tables = watchLines(session, `${path}?watch=true`, { accept: table });
    const first = [plain.next(), tables.next()] as const;
    await ask(server, '/api/v1/namespaces', {
      method: 'POST',
      body: { metadata: { name: 'watched' } },
    });
    await ask(server, path, { method: 'POST', body: configMap('seen') });
    const [event, row] = await Promise.all(first);
    assert.equal(event.value?.type, 'ADDED');
    assert.equal(event.value?.object.metadata.name, 'seen');
    assert.equal(row.value?.object.kind, 'Table');
    assert.equal(
      JSON.stringify(row.value?.object['columnDefinitions']).match(/"name":/g)?.length,
      3,
    );
    await ask(server, `${path}/seen`, { method: 'DELETE' });
    const last = await tables.next();
    assert.equal(last.value?.type, 'DELETED');
    assert.deepEqual(last.value?.object['columnDefinitions'], []);
    await plain.return(undefined);
    await tables.return(undefined);
    session.close();
  });

  it('outlives clients that leave in the middle', async () => {
    const session = openHttp2(server);
    const headers = { 'content-type': 'application/json' };
    const post = session.request({ ':path': configMaps, ':method': 'POST', ...headers });
    post.on('error', () => undefined);
    post.write('{"kind":');
    await once(session, 'remoteSettings');
    session.destroy();
    const socket = connect({
      port: server.port,
      host: '127.0.0.1',
      ca: server.pki.ca.certificate,
      cert: server.pki.admin.certificate,
      key: server.pki.admin.key,
    });
    await once(socket, 'secureConnect');
    socket.write(`POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`);
    socket.destroy();
    assert.equal((await ask(server, '/healthz')).status, 200);
  });

  it('serves connections of a socket that somebody else listens on', async () => {
    const listening = createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as { port: number };
    await server.server.acceptFrom(duplicate(listening));
    listening.close();
    const socket = connect({ port, host: '127.0.0.1', ca: server.pki.ca.certificate });
    await once(socket, 'secureConnect');
    assert.equal(socket.authorized, true);
    socket.destroy();
  });
});
