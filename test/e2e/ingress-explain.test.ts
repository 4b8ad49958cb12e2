// What is told of a request, what becomes of it, and what the controller's log says: three ways to the same answer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Story } from '../../src/explain/index.ts';
import { TestCluster, until, untilMatch } from './harness.ts';
import { IngressClient } from './ingress-client.ts';
import { manifest, pod, sleeper } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const client = new IngressClient(cluster);
let at = '';

interface Path {
  readonly path: string;
  readonly pathType?: string;
  readonly service?: string;
}

function ingress(
  name: string,
  { host, paths, annotations = {} }: { host: string; paths: Path[]; annotations?: object },
): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: {
      rules: [
        {
          host,
          http: {
            paths: paths.map(({ path, pathType = 'Prefix', service = 'web' }) => ({
              path,
              pathType,
              backend: { service: { name: service, port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  };
}

const prefix = 'nginx.ingress.kubernetes.io/';

before(async () => {
  await cluster.start('--addons', 'ingress');
  await kubectl('create', 'deploy', 'web', '--image=web', '--replicas=2');
  await kubectl('create', 'deploy', 'other', '--image=other');
  for (const name of ['web', 'other']) await kubectl('expose', 'deploy', name, '--port=80');
  for (const name of ['web', 'other']) await kubectl('rollout', 'status', `deploy/${name}`);
  await kubectl.apply(
    manifest(
      pod('client', { containers: [sleeper] }),
      ingress('paths', {
        host: 'paths.test',
        paths: [
          { path: '/' },
          { path: '/exact', pathType: 'Exact', service: 'other' },
          { path: '/exact/deeper', service: 'other' },
          { path: '/gone', service: 'gone' },
        ],
      }),
      ingress('wild', { host: '*.wild.test', paths: [{ path: '/', service: 'other' }] }),
      ingress('moved', {
        host: 'moved.test',
        paths: [{ path: '/' }],
        annotations: { [`${prefix}permanent-redirect`]: 'https://elsewhere.test$request_uri' },
      }),
      ingress('private', {
        host: 'private.test',
        paths: [{ path: '/' }],
        annotations: { [`${prefix}allowlist-source-range`]: '198.51.100.0/24' },
      }),
      ingress('rewritten', {
        host: 'rewritten.test',
        paths: [{ path: '/app(/|$)(.*)', pathType: 'ImplementationSpecific' }],
        annotations: { [`${prefix}rewrite-target`]: '/$2' },
      }),
    ),
  );
  await cluster.ready('app=client');
  at = await client.address('rewritten');
  await client.awaitStatus(200, at, 'http://rewritten.test/app/x');
});
after(() => cluster.close());

async function told(from: string, url: string): Promise<Story> {
  const { stdout, stderr } = await cluster.tryPortolan('explain', from, url, '-o', 'json');
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Story;
}

/** The last line of the controller's log about a path: rule and reason. */
async function logged(mark: string): Promise<{ rule: string; reason: string }> {
  const log = (): Promise<string> =>
    kubectl('logs', '-n', 'ingress-nginx', 'deploy/ingress-nginx-controller', '--tail=20');
  const pattern = new RegExp(`${mark} .* (?<rule>\\S+) (?<reason>[A-Z_]+) [0-9a-f]{32}$`, 'm');
  const { rule = '', reason = '' } = (await untilMatch(pattern, log)).groups ?? {};
  return { rule, reason };
}

function ruleText({ http }: Story): string {
  const { ingress, rule, path } = http?.rule ?? {};
  return ingress === undefined ? '-' : `${ingress}:rules[${rule}].paths[${path}]`;
}

describe('told, asked and logged', () => {
  const urls: Readonly<Record<string, { status: number; pod?: RegExp; asked?: string }>> = {
    'http://paths.test/': { status: 200, pod: /^web-/ },
    'http://paths.test/exact': { status: 200, pod: /^other-/ },
    'http://paths.test/exact/': { status: 200, pod: /^web-/ },
    'http://paths.test/exact/deeper/still': { status: 200, pod: /^other-/ },
    'http://paths.test/gone/x': { status: 503 },
    'http://one.wild.test/a%20b': { status: 200, pod: /^other-/ },
    'http://two.labels.wild.test/': { status: 404 },
    'http://unknown.test/': { status: 404 },
    'http://moved.test/x?y=z': { status: 301 },
    'http://private.test/': { status: 403 },
    'http://rewritten.test/app/x/y?q': { status: 200, pod: /^web-/, asked: '/x/y?q' },
    'https://paths.test/': { status: 200, pod: /^web-/ },
  };

  for (const [url, { status, pod, asked }] of Object.entries(urls)) {
    test(`${url}: ${status}`, async () => {
      const story = await told('outside', url);
      assert.equal(story.admits, status < 400, JSON.stringify(story, null, 1));
      assert.equal(story.http?.status ?? 200, status);
      const answer = await client.ask(at, url, '-k');
      assert.equal(answer.status, status);
      assert.equal(answer.location, story.http?.location ?? '');
      const { host, pathname, search } = new URL(url);
      const line = await logged(
        `"GET ${pathname}${search.replace('?', '\\?')} HTTP/\\S+" ${status} .*"${host}"`,
      );
      assert.deepEqual(line, { rule: ruleText(story), reason: story.http?.reason });
      if (pod === undefined) return;
      const page = JSON.parse(answer.body) as { pod: string; path: string; podIPs: string[] };
      assert.match(page.pod, pod);
      assert.equal(page.path, asked ?? `${pathname}${search}`);
      assert.equal(story.http?.upstreamTarget, page.path);
      assert.ok(story.http?.endpoints.includes(`${page.podIPs[0]}:80`));
    });
  }
});

test('a pod’s request has the same story', async () => {
  const story = await told('pod/client', 'http://paths.test/exact');
  assert.equal(story.admits, true);
  const ip = await kubectl.read(
    '{.spec.clusterIP}',
    'service',
    'ingress-nginx-controller',
    '-n',
    'ingress-nginx',
  );
  const wget = ['wget', '-qO-', '--header', 'Host: paths.test', `http://${ip}/exact`];
  assert.match(await cluster.exec('client', ...wget), /"pod": "other-/);
});

test('a policy that keeps the controller from the pods is told with the change that lets it in', async () => {
  const isolation = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed' },
    spec: { podSelector: { matchLabels: { app: 'fresh' } }, policyTypes: ['Ingress'] },
  };
  const url = 'http://fresh.test/';
  // A pod that the controller has no connection to: those that are open stay so, as policies have it.
  await kubectl('create', 'deploy', 'fresh', '--image=fresh');
  await kubectl('expose', 'deploy', 'fresh', '--port=80');
  await kubectl('rollout', 'status', 'deploy/fresh', '--timeout=60s');
  const rule = ingress('fresh', { host: 'fresh.test', paths: [{ path: '/', service: 'fresh' }] });
  await kubectl.apply(manifest(isolation, rule));
  await client.address('fresh');
  const story = await told('outside', url);
  assert.equal(story.verdict, 'does not admit');
  assert.equal(story.change?.admits, true);
  const refused = await client.ask(at, url, '-m', '2');
  assert.notEqual(refused.status, 200);
  await kubectl.apply(story.change.manifest);
  await until('an answer', async () => {
    const { status } = await client.ask(at, url, '-m', '2');
    return status === 200 ? true : undefined;
  });
  assert.equal((await told('outside', url)).admits, true);
});

test('without the controller the story ends where it should begin', async () => {
  await cluster.portolan('addons', 'disable', 'ingress');
  const story = await told('outside', 'http://paths.test/');
  assert.equal(story.paths[0]?.hops.at(-1)?.reason, 'NO_CONTROLLER');
});
