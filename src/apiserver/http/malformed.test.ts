import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { configMap, deployment, pod } from '../registry/testing/registry.ts';
import { startTestServer, type TestServer } from '../testing/api-server.ts';
import { ask, openHttp2 } from '../testing/http.ts';

const core = '/api/v1/namespaces/default';
const apps = '/apis/apps/v1/namespaces/default';
const noObjects = [null, [], 'text', 1, true];

/** Bodies of the form of an object whose metadata or spec is not. */
const malformed = [
  {},
  ...noObjects.map((metadata) => ({ metadata })),
  ...noObjects.map((spec) => ({ metadata: { name: 'a' }, spec })),
  { metadata: { name: 1 } },
  { metadata: { name: 'a', labels: { a: 1 } } },
  { metadata: { name: 'a', ownerReferences: [null] } },
  { metadata: { name: 'a', ownerReferences: {} } },
  { metadata: { name: 'a', finalizers: [null] } },
  { metadata: { name: 'a', managedFields: [null] } },
  { metadata: { name: 'a', deletionTimestamp: 3 } },
];

const ofQuestions = [
  { target: null },
  { target: { name: 3 } },
  { deleteOptions: 'text' },
  { deleteOptions: { preconditions: 'text' } },
  ...[
    { replicas: 'text' },
    { finalizers: [null] },
    { boundObjectRef: null },
    { boundObjectRef: 'text' },
    { audiences: 'text' },
    { expirationSeconds: 'text' },
    { token: 1 },
    { token: 'a.b.c' },
    { token: `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.x` },
    { namespace: 1 },
    { resourceAttributes: 'text' },
    { resourceAttributes: { verb: 1 } },
    { resourceAttributes: { verb: 'get' }, groups: 'text' },
    { nonResourceAttributes: { path: 1 } },
  ].map((spec) => ({ spec })),
];

const deleteOptions = [
  { dryRun: 'All' },
  { dryRun: [3] },
  { dryRun: ['All'], gracePeriodSeconds: '0' },
  { dryRun: ['All'], gracePeriodSeconds: 1.5 },
  { dryRun: ['All'], preconditions: 'text' },
  { dryRun: ['All'], preconditions: { uid: 1 } },
  { dryRun: ['All'], orphanDependents: 'text' },
];

const jsonPatches = [
  [{ op: 'remove', path: '/metadata' }],
  [{ op: 'replace', path: '', value: {} }],
  [{ op: 'replace', path: '', value: null }],
  [{ op: 'replace', path: '/metadata', value: [] }],
  [{ op: 'add', path: '/metadata/finalizers', value: [null] }],
];

interface ResourceList {
  readonly resources: readonly { name: string; namespaced: boolean; verbs: readonly string[] }[];
}

describe('a body that is not what it should be', () => {
  let server: TestServer;
  let session: ClientHttp2Session;
  before(async () => {
    server = await startTestServer();
    session = openHttp2(server);
    for (const [path, body] of [
      [`${core}/serviceaccounts`, { metadata: { name: 'default' } }],
      [`${core}/configmaps`, configMap('one')],
      [`${core}/pods`, pod('one')],
      [`${apps}/deployments`, deployment('one', 1)],
    ] as const)
      assert.equal((await send('POST', path, body)).status, 201);
  });
  after(async () => {
    session.close();
    await server.close();
  });

  async function send(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<{ readonly status: number; readonly text: string }> {
    const headers = { ':method': method, ':path': path, 'content-type': contentType };
    const stream = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(JSON.stringify(body));
    const [head] = await once(stream, 'response');
    return { status: Number(head[':status']), text: await text(stream) };
  }

  /** Sends what only its sender can be blamed for. */
  async function assertBlamed(...request: Parameters<typeof send>): Promise<void> {
    const { status, text } = await send(...request);
    assert.ok(status < 500, `${JSON.stringify(request)}: ${text}`);
  }

  async function collections(): Promise<string[]> {
    const { groups } = JSON.parse((await send('GET', '/apis')).text) as {
      groups: readonly { versions: readonly { groupVersion: string }[] }[];
    };
    const versions = groups.flatMap(({ versions }) => versions.map((one) => one.groupVersion));
    const roots = ['/api/v1', ...versions.map((groupVersion) => `/apis/${groupVersion}`)];
    const found = await Promise.all(
      roots.map(async (root) => {
        const { resources } = JSON.parse((await send('GET', root)).text) as ResourceList;
        return resources
          .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('create'))
          .map(
            ({ name, namespaced }) => `${root}${namespaced ? '/namespaces/default' : ''}/${name}`,
          );
      }),
    );
    return found.flat();
  }

  it('is refused as an object of any kind', async () => {
    const paths = await collections();
    assert.ok(paths.length > 30);
    for (const path of paths) {
      for (const body of [...noObjects, ...malformed]) {
        await assertBlamed('POST', `${path}?dryRun=All`, body);
      }
    }
  });

  it('is refused by subresources', async () => {
    for (const [method, path] of [
      ['PUT', `${core}/pods/one`],
      ['PUT', `${core}/pods/one/status`],
      ['PUT', `${apps}/deployments/one/scale`],
      ['PUT', '/api/v1/namespaces/default/finalize'],
      ['POST', `${core}/pods/one/binding`],
      ['POST', `${core}/pods/one/eviction`],
      ['POST', `${core}/serviceaccounts/default/token`],
    ] as const) {
      for (const body of [...noObjects, ...malformed, ...ofQuestions]) {
        await assertBlamed(method, `${path}?dryRun=All`, body);
      }
    }
  });

  it('is refused as a question', async () => {
    for (const path of [
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews',
      '/apis/authentication.k8s.io/v1/tokenreviews',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    ]) {
      for (const body of [...noObjects, ...ofQuestions]) await assertBlamed('POST', path, body);
    }
  });

  it('is refused as options of a deletion', async () => {
    for (const body of [...noObjects, ...deleteOptions]) {
      for (const path of [`${core}/pods/one`, `${core}/pods`]) {
        const { status, text } = await send('DELETE', `${path}?dryRun=All`, body);
        assert.equal(status, 400, `${JSON.stringify(body)}: ${text}`);
      }
    }
  });

  it('is refused as a patch, and as what a patch makes', async () => {
    const merges = [
      { metadata: null },
      { metadata: { finalizers: [null] } },
      { spec: null },
      { kind: 3 },
    ];
    for (const path of [
      `${core}/configmaps/one`,
      `${core}/pods/one`,
      `${apps}/deployments/one/scale`,
    ]) {
      const to = `${path}?dryRun=All`;
      for (const body of [...noObjects, ...jsonPatches]) {
        await assertBlamed('PATCH', to, body, 'application/json-patch+json');
      }
      for (const type of ['merge', 'strategic-merge']) {
        for (const body of [...noObjects, ...merges]) {
          await assertBlamed('PATCH', to, body, `application/${type}-patch+json`);
        }
      }
    }
  });

  it('names an empty element where an element is null', async () => {
    const body = { metadata: { name: 'nulls', finalizers: [null] } };
    const { status, text } = await send('POST', `${core}/configmaps`, body);
    assert.equal(status, 422);
    assert.match(text, /metadata\.finalizers: Invalid value: \\"\\": name part must be non-empty/);
  });

  it('keeps a key that objects of JavaScript have for themselves', async () => {
    const data = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, string>;
    const body = { metadata: { name: 'keys' }, data };
    const created = await send('POST', `${core}/configmaps`, body);
    assert.equal(created.status, 201, created.text);
    const { text } = await send('GET', `${core}/configmaps/keys`);
    assert.match(text, /"data":\{"__proto__":"a","constructor":"b"\}/);
  });

  it('takes a method that HTTP does not have for none, and keeps no count of its name', async () => {
    for (const method of ['constructor', '__proto__', 'MADEUP']) {
      assert.equal((await send(method, `${core}/configmaps`)).status, 405);
    }
    const { text } = await ask(server, '/metrics');
    assert.match(text, /\{verb="other",resource="configmaps",code="405"\} 3/);
    assert.doesNotMatch(text, /madeup|constructor|native code/i);
  });
});
