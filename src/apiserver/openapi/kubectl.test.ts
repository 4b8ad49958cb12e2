import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  customKinds,
  kinds as builtInKinds,
  type CustomResourceDefinition,
  type KindDefinition,
} from '../../kube/index.ts';
import { createOpenApi } from './open-api.ts';
import { basePath } from './operations.ts';

/** Real kubectls read the documents from a server that has nothing but discovery and OpenAPI. */

const cronTab: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural: 'crontabs', kind: 'CronTab' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['cronSpec'],
                properties: {
                  cronSpec: { type: 'string', description: 'When it runs.' },
                  port: { 'x-kubernetes-int-or-string': true },
                  note: { type: 'string', nullable: true },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const kinds = [...builtInKinds, ...customKinds(cronTab)];
const openApi = createOpenApi({ kinds: () => kinds, version: 'v1.36.0' });
const home = mkdtempSync(join(tmpdir(), 'openapi-kubectl-'));
let server: Server;
let address = '';
/** The last write that arrived; its body is answered as it came. */
let written = '';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourceList(groupVersion: string, served: readonly KindDefinition[]): object {
  const resources = served.map(({ plural, singular, kind, namespaced, shortNames }) => ({
    name: plural,
    singularName: singular,
    kind,
    namespaced,
    shortNames,
    verbs,
  }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function groupList(): object {
  const groups = Map.groupBy(
    kinds.filter(({ group }) => group !== ''),
    ({ group }) => group,
  );
  const entries = [...groups].map(([name, [first]]) => {
    const version = { groupVersion: `${name}/${first?.version}`, version: first?.version };
    return { name, versions: [version], preferredVersion: version };
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: entries };
}

function discovery(path: string): object | undefined {
  if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.0' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return groupList();
  const served = kinds.filter((kind) => basePath(kind) === path);
  const [first] = served;
  if (first === undefined) return undefined;
  return resourceList(first.group === '' ? 'v1' : `${first.group}/${first.version}`, served);
}

function openApiDocument(path: string, accept: string): ReturnType<typeof openApi.groupVersion> {
  if (path === '/openapi/v2') return openApi.v2(accept);
  if (path === '/openapi/v3') return openApi.index();
  return openApi.groupVersion(path.slice('/openapi/v3/'.length));
}

before(async () => {
  server = createServer((request, response) => {
    if (request.method === 'POST') {
      written = request.url ?? '';
      response.writeHead(201, { 'content-type': 'application/json' });
      request.pipe(response);
      return;
    }
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const found = pathname.startsWith('/openapi/')
      ? openApiDocument(pathname, request.headers.accept ?? '')
      : discovery(pathname);
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }),
      );
    } else if ('etag' in found && 'contentType' in found) {
      response.writeHead(200, { 'content-type': found.contentType as string });
      response.end(found['body' as keyof typeof found]);
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(home, { recursive: true });
});

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

function run(kubectl: string, args: readonly string[], input = ''): Promise<Outcome> {
  const all = [`--server=${address}`, `--cache-dir=${join(home, 'cache')}`, ...args];
  const environment = { PATH: process.env['PATH'], HOME: home };
  return new Promise((resolve) => {
    const child = execFile(kubectl, all, { env: environment }, (_error, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

function current(): string | undefined {
  const found = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
  return found.status === 0 ? 'kubectl' : undefined;
}

/** A kubectl before 1.28, which reads OpenAPI v2 in protobuf. */
function old(): string | undefined {
  const path = process.env['PORTOLAN_KUBECTL_OLD'];
  if (path === undefined || !existsSync(path)) return undefined;
  return execFileSync(path, ['version', '--client', '--short']).includes('v1.2') ? path : undefined;
}

const clients = [
  { name: 'the current kubectl', path: current(), missing: 'no kubectl on this machine' },
  {
    name: 'an old kubectl',
    path: old(),
    missing: 'PORTOLAN_KUBECTL_OLD does not name a kubectl before 1.28',
  },
] as const;

for (const { name, path, missing } of clients) {
  const options = path === undefined ? { skip: missing } : {};

  test(`${name} explains a field`, options, async () => {
    const { stdout, stderr } = await run(path ?? '', ['explain', 'service.spec.ports']);
    assert.equal(stderr, '');
    assert.match(stdout, /targetPort/);
    assert.match(stdout, /^KIND: +Service$/m);
    assert.match(stdout, /-required-/);
  });

  test(`${name} explains recursively, and a kind of a group`, options, async () => {
    const { stdout } = await run(path ?? '', ['explain', 'ingress.spec', '--recursive']);
    assert.match(stdout, /pathType/);
  });

  test(`${name} explains a custom resource`, options, async () => {
    const { stdout, stderr } = await run(path ?? '', ['explain', 'crontabs.spec']);
    assert.equal(stderr, '');
    assert.match(stdout, /cronSpec\s.*-required-\n\s+When it runs\./);
    const metadata = await run(path ?? '', ['explain', 'crontabs.metadata.name']);
    assert.match(metadata.stdout, /^KIND: +CronTab$/m);
  });
}

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } };
const currentOptions = current() === undefined ? { skip: clients[0].missing } : {};

test('the current kubectl finds that the server validates fields', currentOptions, async () => {
  const body = { ...service, spec: { selectr: {} } };
  await run(current() ?? '', ['create', '--validate=strict', '-f', '-'], JSON.stringify(body));
  assert.match(written, /^\/api\/v1\/namespaces\/default\/services\?.*fieldValidation=Strict/);
});

const oldOptions = old() === undefined ? { skip: clients[1].missing } : {};

test('an old kubectl finds an unknown field before it sends', oldOptions, async () => {
  const body = { ...service, spec: { selectr: { app: 'a' }, ports: [{ port: 80 }] } };
  const { stderr } = await run(
    old() ?? '',
    ['apply', '--dry-run=client', '--validate=true', '-f', '-'],
    JSON.stringify(body),
  );
  assert.equal(
    stderr,
    'error: error validating "STDIN": error validating data: ValidationError(Service.spec): unknown field "selectr" in io.k8s.api.core.v1.ServiceSpec; if you choose to ignore these errors, turn validation off with --validate=false\n',
  );
});

test('an old kubectl checks custom resources', oldOptions, async () => {
  const body = {
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'a' },
    spec: { cronSpec: 1, port: 80, note: null, more: 1 },
  };
  const args = ['create', '--dry-run=client', '--validate=true', '-f', '-'];
  const { stderr } = await run(old() ?? '', args, JSON.stringify(body));
  assert.match(stderr, /unknown field "more" in com\.example\.stable\.v1\.CronTab\.spec/);
  assert.doesNotMatch(stderr, /port|note/);
});

test('an old kubectl finds wrong types and lets the special ones pass', oldOptions, async () => {
  const check = (spec: object): Promise<Outcome> =>
    run(
      old() ?? '',
      ['create', '--dry-run=client', '--validate=true', '-f', '-'],
      JSON.stringify({ ...service, spec }),
    );
  const wrong = await check({ ports: [{ port: '80' }] });
  assert.match(wrong.stderr, /ValidationError\(Service\.spec\.ports\[0\]\.port\): invalid type/);
  const right = await check({
    ports: [
      { port: 80, targetPort: 'http' },
      { port: 81, targetPort: 82 },
    ],
  });
  assert.equal(right.stderr, '');
});
