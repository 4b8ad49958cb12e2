import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'portolan');
const home = mkdtempSync(join(tmpdir(), 'portolan-list-'));
const env = { ...process.env, PORTOLAN_HOME: home, KUBECONFIG: join(home, 'kubeconfig') };

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function portolan(line: string): Answer {
  const { status, stdout, stderr } = spawnSync(program, line.split(' '), { env, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** The rows of the table, as words. */
function rows(): string[][] {
  const lines = portolan('list').stdout.trimEnd().split('\n');
  return lines.slice(1).map((line) => line.split(/ {2,}/));
}

test('without clusters it says how to make one', () => {
  const { code, stdout, stderr } = portolan('list');
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(stderr, /^note: there is no cluster; to make one: \S*portolan start\n$/);
  assert.equal(portolan('list -o json').stdout, '[]\n');
});

/** One real cluster, and the remains of two others. */
describe('with clusters', () => {
  before(() => {
    for (const name of ['broken', 'rest'])
      mkdirSync(join(home, 'clusters', name), { recursive: true });
    writeFileSync(join(home, 'clusters', 'broken', 'cluster.json'), '{');
    const { code, stderr } = portolan('start --name shop --nodes 1 --addons none');
    assert.equal(code, 0, stderr);
  });
  after(() => {
    portolan('delete --all');
    rmSync(home, { recursive: true });
  });

  test('each has a row: what runs, and what is the matter with the others', () => {
    const [broken, rest, shop] = rows();
    assert.deepEqual(
      [broken, rest],
      [
        ['broken', 'broken', '0'],
        ['rest', 'broken', '0'],
      ],
    );
    const [name, state, nodes, apiServer, cni, version] = shop ?? [];
    assert.deepEqual([name, state, nodes, cni], ['shop', 'running', '1', 'portolan']);
    assert.match(apiServer ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.match(version ?? '', /^v1\./);
    const { stderr } = portolan('ls');
    assert.match(
      stderr,
      /^note: broken: .*cluster\.json does not hold the record .*delete --name broken/m,
    );
    assert.match(stderr, /^note: rest: only a part of it is left.*delete --name rest$/m);
  });

  test('programs read the same', () => {
    const all = JSON.parse(portolan('list -o json').stdout) as Record<string, unknown>[];
    const shop = all.find(({ name }) => name === 'shop');
    assert.deepEqual(Object.keys(shop ?? {}), [
      'name',
      'state',
      'nodes',
      'apiServer',
      'cni',
      'version',
    ]);
    assert.deepEqual(shop?.['nodes'], ['node1']);
    assert.match(portolan('list -o yaml').stdout, /^- name: shop\n {2}state: running\n/m);
  });

  test('who names another is told which there are', () => {
    const { code, stderr } = portolan('ip');
    assert.equal(code, 1);
    assert.match(stderr, /choose one that is there: .*--name shop\n/);
    const deleted = portolan('delete --name shp');
    assert.equal(deleted.stdout, 'there was no cluster "shp"\n');
    assert.match(deleted.stderr, /^note: there are: .*shop\n$/);
    assert.match(portolan('status shop').stderr, /\(Did you mean \S+ status --name shop\?\)/);
  });

  test('what is not in the cluster is told with what is', () => {
    const cases: [line: string, code: number, stderr: RegExp][] = [
      [
        'service --name shop -n kube-sytem',
        1,
        /no namespace kube-sytem\n {2}Did you mean kube-system\?/,
      ],
      [
        'service --name shop -n default',
        0,
        /^note: there is no Service of type .* in namespace default\n$/,
      ],
      [
        'service --name shop kubernets',
        1,
        /no Service kubernets in namespace default\n {2}Did you mean kubernetes\?/,
      ],
      [
        'service --name shop kube-dns',
        1,
        /There is one in namespace kube-system: add -n kube-system/,
      ],
      ['service --name shop svc/kubernetes', 1, /service default\/kubernetes has type ClusterIP/],
      ['matrix --name shop -n nosuch', 1, /no namespace nosuch\n {2}Namespaces are: default, /],
      [
        'flows --name shop -n nosuch',
        0,
        /^note: there is no namespace nosuch\. Namespaces are: default, /,
      ],
      [
        'selects --name shop svc/kubernetes',
        2,
        /is a Service, and no policy.*\n {2}Its endpoints: kubectl describe/,
      ],
      ['doctor --name shp', 1, /^$/],
    ];
    for (const [line, code, text] of cases) {
      const answer = portolan(line);
      assert.equal(answer.code, code, line);
      assert.match(answer.stderr, text, line);
    }
  });

  test('a verb of a verb means the cluster of either', () => {
    for (const line of ['addons --name shop list', 'addons list --name shop']) {
      assert.match(portolan(line).stdout, /\| ingress +\| shop +\| disabled/, line);
    }
  });

  test('a cluster that is stopped says so, also beside answers that still hold', () => {
    portolan('stop --name shop');
    assert.deepEqual(rows()[2]?.slice(0, 3), ['shop', 'stopped', '1']);
    const { code, stdout, stderr } = portolan('ip --name shop');
    assert.equal(code, 0);
    assert.match(stdout, /^127\.18\.\d+\.2\n$/);
    assert.match(
      stderr,
      /^note: cluster "shop" does not run; to resume it: .*start --name shop\n$/,
    );
  });
});
