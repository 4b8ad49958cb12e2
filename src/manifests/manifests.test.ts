import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { AnyObject } from '../kube/index.ts';
import type { FieldPath, Manifests } from './contract.ts';
import { parseManifests } from './parse.ts';
import { readManifests } from './read.ts';

const home = mkdtempSync(join(tmpdir(), 'portolan-manifests-'));
after(() => rmSync(home, { recursive: true }));

function put(path: string, text: string): string {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function names({ objects }: Manifests): string[] {
  return objects.map(({ object }) => `${object.kind}/${object.metadata.name}`);
}

/** The lines of fields of the first object. */
function linesOf({ objects: [first] }: Manifests, ...paths: FieldPath[]): (number | undefined)[] {
  return paths.map((path) => first?.positionOf(path).line);
}

const policy = `# isolation
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector:
    matchLabels: {app: db}
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: api
      ports:
        - port: 5432
`;

test('every field has its line', () => {
  const found = parseManifests(policy, 'db.yaml');
  const paths: FieldPath[] = [
    [],
    ['metadata', 'name'],
    ['spec', 'podSelector', 'matchLabels', 'app'],
    ['spec', 'ingress', 0],
    ['spec', 'ingress', 0, 'from', 0, 'podSelector', 'matchLabels', 'app'],
    ['spec', 'ingress', 0, 'ports', 0],
  ];
  assert.deepEqual(linesOf(found, ...paths), [2, 5, 8, 10, 13, 15]);
  assert.deepEqual(found.objects[0]?.positionOf(['spec']), { file: 'db.yaml', line: 6 });
});

test('a field that is not written has the place of what is around it', () => {
  const found = parseManifests(policy, 'db.yaml');
  assert.deepEqual(linesOf(found, ['spec', 'egress', 0], ['spec', 'ingress', 7, 'from']), [6, 9]);
});

test('documents, empty ones, and lists in lists', () => {
  const list = { apiVersion: 'v1', kind: 'List', items: [podNamed('a'), podNamed('b')] };
  const text = `---\n# nothing\n---\n${policy}---\n${JSON.stringify(list, null, 1)}\n---\n`;
  const found = parseManifests(text, 'all.yaml');
  assert.deepEqual(names(found), ['NetworkPolicy/db', 'Pod/a', 'Pod/b']);
  assert.deepEqual(found.notes, []);
  const lines = text.split('\n');
  const line = found.objects[2]?.positionOf(['metadata', 'name']).line ?? 0;
  assert.match(lines[line - 1] ?? '', /"name": "b"/);
});

function podNamed(name: string): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name } };
}

test('anchors, aliases and merge keys mean what they stand for', () => {
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: &labels
    app: web
  annotations:
    <<: *labels
    tier: front
spec: {nodeSelector: *labels}
`;
  const found = parseManifests(text, 'web.yaml');
  const [first] = found.objects;
  assert.deepEqual(first?.object.metadata.annotations, { app: 'web', tier: 'front' });
  assert.deepEqual(first?.object['spec'], { nodeSelector: { app: 'web' } });
  assert.deepEqual(
    linesOf(found, ['metadata', 'annotations', 'app'], ['spec', 'nodeSelector', 'app']),
    [6, 6],
  );
});

test('what is no object is passed over and told', () => {
  const found = parseManifests('replicas: 3\n---\n- a\n---\nkind: Pod\nmetadata: {}\n', 'x.yaml');
  assert.deepEqual(found.objects, []);
  assert.deepEqual(
    found.notes.map((note) => note.split(': ')[0]),
    ['x.yaml:1', 'x.yaml:3', 'x.yaml:5'],
  );
});

test('what is not YAML is an error with its line', () => {
  const bad: [string, RegExp][] = [
    ['a: 1\nb: [\n', /^bad\.yaml:3: /],
    ['a: 1\na: 2\n', /^bad\.yaml:2: Map keys must be unique/],
    ['a: *none\n', /^bad\.yaml:1: /],
  ];
  for (const [text, message] of bad) {
    assert.throws(() => parseManifests(text, 'bad.yaml'), { code: 'MANIFEST_INVALID', message });
  }
});

test('a folder is read as kubectl reads it', async () => {
  put('folder/b.yml', policy);
  put('folder/a.json', JSON.stringify(podNamed('a')));
  put('folder/notes.txt', 'not: this');
  put('folder/deeper/c.yaml', policy);
  const found = await readManifests([join(home, 'folder')]);
  assert.deepEqual(names(found), ['Pod/a', 'NetworkPolicy/db']);
  assert.match(found.notes.join('\n'), /folder\/deeper: passed over/);
});

test('what cannot be read says so', async () => {
  await assert.rejects(readManifests([join(home, 'none')]), { code: 'MANIFEST_UNREADABLE' });
});

test('objects of a kustomization stand where their author wrote them', async () => {
  const base = put('kustom/base/policy.yaml', policy);
  put('kustom/base/kustomization.yaml', 'resources: [policy.yaml]\n');
  put('kustom/prod/kustomization.yaml', 'resources: [../base]\nnamespace: prod\nnamePrefix: p-\n');
  const found = await readManifests([join(home, 'kustom/prod')]);
  const [first] = found.objects;
  assert.deepEqual(names(found), ['NetworkPolicy/p-db']);
  assert.equal(first?.object.metadata.namespace, 'prod');
  assert.equal(first?.object.metadata.annotations, undefined);
  assert.deepEqual(first?.positionOf(['spec', 'ingress', 0]), { file: base, line: 10 });
});

test('objects of a base in another repository stand in the kustomization itself', async () => {
  put('remote/base/policy.yaml', policy);
  put('remote/base/kustomization.yaml', 'resources: [policy.yaml]\n');
  const remote = join(home, 'remote');
  const git = (...words: string[]): void => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    const { status, stderr } = spawnSync('git', ['-C', remote, ...identity, ...words]);
    assert.equal(status, 0, String(stderr));
  };
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=base');
  put('local/kustomization.yaml', `resources: ['file://${remote}//base?ref=main']\n`);
  const { objects } = await readManifests([join(home, 'local')]);
  assert.deepEqual(objects[0]?.positionOf(['spec']).file, join(home, 'local'));
});

test('scalars are what kubectl reads', () => {
  const scalars =
    `yes No on off y N nO true ~ null Null "" "08" 0644 -0644 0o17 08 0x1F 0b11 +12 1_000 0777_7 190:20:30
    22:22 .5 +.5 1. 1e3 1.5e-3 0.1e 2001-01-01 2001-12-14t21:59:43Z 1Gi 100m = 1.2.3.4 0.0 !!binary:aGk= !!str:5`
      .split(/\s+/u)
      .map((scalar) => scalar.replace(/^(!!\w+):/u, '$1 '));
  const lines = scalars.map((scalar, at) => `  s${at}: ${scalar}\n`).join('');
  const file = put(
    'scalars.yaml',
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${lines}`,
  );
  const words = ['annotate', '--local', '-f', file, 'a=b', '-o', 'json'];
  const { stdout, stderr } = spawnSync('kubectl', words, { encoding: 'utf8' });
  assert.equal(stderr, '');
  const { data } = JSON.parse(stdout) as { data: unknown };
  const [first] = parseManifests(readFileSync(file, 'utf8'), file).objects;
  assert.ok(first);
  assert.deepEqual((first.object as AnyObject & { data?: unknown }).data, data);
});

test('a kustomization that kustomize refuses is told in its words', async () => {
  put('broken/kustomization.yaml', 'resources: [missing.yaml]\n');
  await assert.rejects(readManifests([join(home, 'broken')]), {
    code: 'KUSTOMIZATION_INVALID',
    message: /missing\.yaml/,
  });
});
