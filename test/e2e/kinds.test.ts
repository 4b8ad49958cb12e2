// Every other kind: it applies, is shown with its columns, says when nothing acts on it, and goes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until, untilMatch } from './harness.ts';
import { boats, kindCases } from './kind-cases.ts';
import { manifest } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

before(() => cluster.start());
after(() => cluster.close());

describe('kinds', () => {
  for (const kindCase of kindCases) {
    const { apiVersion, kind, fields, header, columns } = kindCase;
    test(kind, async () => {
      const { isWarned = false, isDescribed = true } = kindCase;
      const object = { apiVersion, kind, metadata: { name: 'one' }, ...fields };
      const { code, stdout, stderr } = await kubectl.run(['apply', '-f', '-'], {
        input: JSON.stringify(object),
      });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /\/one created$/m);
      assert.equal(/^Warning: /m.test(stderr), isWarned, `warned: ${stderr}`);
      const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
      const resource = group === '' ? kind : `${kind}.${group}`;
      const shown = await kubectl('get', resource, 'one');
      const [first = '', row = ''] = shown.split('\n');
      assert.match(first, header);
      assert.match(row, columns);
      if (isDescribed) {
        assert.match(await kubectl('describe', resource, 'one'), /^Name: +one$/m);
      }
      assert.match(await kubectl('delete', resource, 'one'), /"one" deleted/);
      assert.match(await kubectl.fails('get', resource, 'one'), /NotFound/);
    });
  }
});

describe('custom resources', () => {
  const boat = (spec: object): string =>
    JSON.stringify({
      apiVersion: 'harbour.example/v1',
      kind: 'Boat',
      metadata: { name: 'one' },
      spec,
    });

  test('are known by their definition, with defaults, checks and columns', async () => {
    await kubectl.apply(JSON.stringify(boats));
    await kubectl.wait('crd/boats.harbour.example', 'condition=Established');
    await untilMatch(/boats/, () => kubectl('api-resources', '--api-group=harbour.example'));
    assert.match(
      await kubectl.applyFails(boat({ masts: 0 })),
      /spec\.masts: Invalid value: .*should be greater than or equal to 1$/m,
    );
    assert.match(await kubectl.applyFails(boat({})), /spec\.masts: Required value/);
    assert.match(
      await kubectl.applyFails(boat({ masts: 1, sail: 2 })),
      /unknown field "spec\.sail"/,
    );
    assert.equal(await kubectl.apply(boat({ masts: 2 })), 'boat.harbour.example/one created');
    assert.match(await kubectl('get', 'bo'), /^NAME +MASTS +FLAG\none +2 +white$/);
    assert.match(await kubectl('explain', 'boat.spec.masts'), /How many there are\./);
  });

  test('go with their definition', async () => {
    await kubectl('delete', 'crd', 'boats.harbour.example');
    await untilMatch(
      /the server doesn't have a resource type|could not find/,
      async () => (await kubectl.run(['get', 'boats'])).stderr,
    );
  });
});

describe('housekeeping', () => {
  test('a namespace takes with it all that is in it', async () => {
    await kubectl('create', 'namespace', 'doomed');
    const inDoomed = ['-n', 'doomed'];
    await kubectl('create', 'deploy', 'web', '--image=nginx', ...inDoomed);
    await kubectl('expose', 'deploy', 'web', '--port=80', ...inDoomed);
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s', ...inDoomed);
    await kubectl('delete', 'namespace', 'doomed');
    assert.match(await kubectl.fails('get', 'namespace', 'doomed'), /NotFound/);
    const left = await kubectl('get', 'all,cm,secret,sa,endpointslices', ...inDoomed, '-o', 'name');
    assert.equal(left, '');
  });

  test('what is owned goes with its owner, unless it is orphaned', async () => {
    await kubectl('create', 'configmap', 'owner');
    const uid = await kubectl.read('{.metadata.uid}', 'configmap', 'owner');
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid };
    const owned = { name: 'owned', ownerReferences: [owner] };
    await kubectl.apply(manifest({ apiVersion: 'v1', kind: 'Secret', metadata: owned }));
    await kubectl('delete', 'configmap', 'owner');
    await until('the end of what was owned', async () =>
      (await kubectl.run(['get', 'secret', 'owned'])).code === 0 ? undefined : true,
    );
    await kubectl('create', 'deploy', 'parent', '--image=nginx');
    await kubectl('rollout', 'status', 'deploy/parent', '--timeout=60s');
    await kubectl('delete', 'deploy', 'parent', '--cascade=orphan');
    const owners = '{.items[*].metadata.ownerReferences}';
    assert.equal(await kubectl.read(owners, 'rs', '-l', 'app=parent'), '');
    await kubectl('delete', 'rs', '-l', 'app=parent', '--cascade=foreground');
    assert.equal(await kubectl('get', 'pods', '-l', 'app=parent', '-o', 'name'), '');
  });
});

describe('discovery', () => {
  test('api-resources, api-versions and explain', async () => {
    const resources = await kubectl('api-resources', '--no-headers');
    for (const line of [
      /^pods +po +v1 +true +Pod$/m,
      /^services +svc +v1 +true +Service$/m,
      /^deployments +deploy +apps\/v1 +true +Deployment$/m,
      /^ingresses +ing +networking\.k8s\.io\/v1 +true +Ingress$/m,
      /^customresourcedefinitions +crd,crds +apiextensions\.k8s\.io\/v1 +false +/m,
    ])
      assert.match(resources, line);
    assert.match(await kubectl('api-versions'), /^discovery\.k8s\.io\/v1$/m);
    const explained = await kubectl('explain', 'service.spec.clusterIP');
    assert.match(explained, /^FIELD: clusterIP <string>$/m);
    assert.match(explained, /^DESCRIPTION:$/m);
  });

  test('auth can-i and whoami', async () => {
    const canI = async (...args: string[]): Promise<string> =>
      (await kubectl.run(['auth', 'can-i', ...args])).stdout.trim();
    assert.equal(await canI('create', 'deployments'), 'yes');
    const account = '--as=system:serviceaccount:default:default';
    assert.equal(await canI('list', 'pods', account), 'no');
    assert.match(await kubectl('auth', 'whoami'), /^Groups +\[.*system:masters/m);
  });

  test('health, versions and cluster-info', async () => {
    assert.equal(await kubectl('get', '--raw', '/readyz'), 'ok');
    assert.equal(await kubectl('get', '--raw', '/livez'), 'ok');
    assert.match(await kubectl('version'), /^Server Version: v1\.3\d/m);
    assert.match(
      await kubectl('cluster-info'),
      /control plane.* is running at .*https:\/\/127\.0\.0\.1:/,
    );
  });
});
