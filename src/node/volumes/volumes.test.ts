import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { createWorld, type World } from '../../client/testing/world.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { ConfigMap, Pod, PodSpec, Secret, Volume } from '../../kube/index.ts';
import { subPathOf } from '../pod/sub-path.ts';
import { environmentUses, volumesUse } from './references.ts';
import { PodVolumes } from './volumes.ts';

const machine = new TestKernel();
after(() => {
  assert.deepEqual(machine.mounts(), []);
  machine.dispose();
});

let world: World;
let maps: Map<string, ConfigMap>;
let secrets: Map<string, Secret>;
let tokens: number;
beforeEach(() => {
  world = createWorld();
  maps = new Map();
  secrets = new Map();
  tokens = 0;
});
afterEach(() => world.close());

function setMap(data: Record<string, string>): void {
  const metadata = { name: 'settings', namespace: 'shop' };
  maps.set('shop/settings', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

function pod(volumes: Volume[], spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
    spec: { containers: [{ name: 'main' }], volumes, ...spec },
  };
}

let counter = 0;
function volumesOf(): PodVolumes {
  counter += 1;
  const client = Object.create(world.client, {
    createSubresource: {
      value: () => {
        tokens += 1;
        return Promise.resolve({ status: { token: `token ${tokens}` } });
      },
    },
  }) as typeof world.client;
  const context = {
    nodeName: 'node1',
    nodeIPs: ['172.18.0.2'],
    kernel: machine.kernel,
    clock: world.clock,
    client,
    caches: { configMaps: maps, secrets },
  };
  return new PodVolumes(context, join(machine.directory, `pod-${counter}`));
}

async function pathOf(volumes: PodVolumes, object: Pod): Promise<string> {
  const { paths } = await volumes.mount(object, ['10.244.0.5']);
  return paths.get(object.spec.volumes?.[0]?.name ?? '') ?? '';
}

describe('a ConfigMap', () => {
  const volume: Volume = { name: 'v', configMap: { name: 'settings', defaultMode: 0o666 } };

  test('is seen as files, with the mode that is asked for', async () => {
    setMap({ colour: 'red' });
    const path = await pathOf(volumesOf(), pod([volume]));
    assert.equal(readFileSync(join(path, 'colour'), 'utf8'), 'red');
    assert.equal(statSync(join(path, 'colour')).mode & 0o777, 0o666);
  });

  test('that changes is seen by whoever looks, one that does not is left alone', async () => {
    setMap({ colour: 'red' });
    const volumes = volumesOf();
    const object = pod([volume]);
    const path = await pathOf(volumes, object);
    const first = readlinkSync(join(path, '..data'));
    await volumes.mount(object, []);
    assert.equal(readlinkSync(join(path, '..data')), first);
    setMap({ colour: 'blue', size: 'big' });
    await volumes.mount(object, []);
    assert.equal(readFileSync(join(path, 'colour'), 'utf8'), 'blue');
    assert.deepEqual(
      readdirSync(path).filter((name) => !name.startsWith('..')),
      ['colour', 'size'],
    );
  });

  test('that is missing is told with its volume, unless it is optional', async () => {
    await assert.rejects(volumesOf().mount(pod([volume]), []), {
      code: 'FAILED_MOUNT',
      message: 'MountVolume.SetUp failed for volume "v" : configmap "settings" not found',
    });
    const optional: Volume = { name: 'v', configMap: { name: 'settings', optional: true } };
    assert.deepEqual(
      readdirSync(await pathOf(volumesOf(), pod([optional]))).filter((n) => !n.startsWith('..')),
      [],
    );
  });

  test('may be seen in part, under other names', async () => {
    setMap({ colour: 'red', size: 'big' });
    const items = [{ key: 'colour', path: 'deep/er', mode: 0o400 }];
    const some: Volume = { name: 'v', configMap: { name: 'settings', items } };
    const path = await pathOf(volumesOf(), pod([some]));
    assert.equal(readFileSync(join(path, 'deep/er'), 'utf8'), 'red');
    assert.equal(statSync(join(path, 'deep/er')).mode & 0o777, 0o400);
  });
});

describe('a Secret', () => {
  test('is decoded, and readable by the group of the pod', async () => {
    const data = { key: Buffer.from('geheim').toString('base64') };
    const metadata = { name: 'login', namespace: 'shop' };
    secrets.set('shop/login', { apiVersion: 'v1', kind: 'Secret', metadata, data });
    const volume: Volume = { name: 'v', secret: { secretName: 'login', defaultMode: 0o400 } };
    const object = pod([volume], { securityContext: { fsGroup: 4242 } });
    const file = join(await pathOf(volumesOf(), object), 'key');
    assert.equal(readFileSync(file, 'utf8'), 'geheim');
    assert.deepEqual([statSync(file).gid, statSync(file).mode & 0o777], [4242, 0o440]);
  });
});

describe('a projected volume', () => {
  const sources = [
    { serviceAccountToken: { path: 'token', expirationSeconds: 1000 } },
    { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  ];

  test('holds a token until most of its life is over', async () => {
    const volumes = volumesOf();
    const object = pod([{ name: 'v', projected: { sources } }]);
    const path = await pathOf(volumes, object);
    const { renewAt } = await volumes.mount(object, []);
    assert.equal(renewAt, world.clock.now() + 800_000);
    assert.equal(readFileSync(join(path, 'token'), 'utf8'), 'token 1');
    assert.equal(readFileSync(join(path, 'labels'), 'utf8'), 'app="web"');
    await world.clock.advance(800_000);
    await volumes.mount(object, []);
    assert.equal(readFileSync(join(path, 'token'), 'utf8'), 'token 2');
  });
});

describe('a host path', () => {
  const volume = (type: string, path: string): Volume => ({ name: 'v', hostPath: { path, type } });

  test('is made or checked as its type says, and never removed', async () => {
    const path = join(machine.directory, 'made', 'here');
    const volumes = volumesOf();
    assert.equal(await pathOf(volumes, pod([volume('DirectoryOrCreate', path)])), path);
    await assert.rejects(volumesOf().mount(pod([volume('File', path)]), []), /is not a File/);
    await volumes.remove();
    assert.ok(statSync(path).isDirectory());
  });

  test('of a missing directory is told', async () => {
    const missing = join(machine.directory, 'missing');
    await assert.rejects(volumesOf().mount(pod([volume('Directory', missing)]), []), /type check/);
  });
});

test('removing takes memory off, twice is harmless', async () => {
  const volumes = volumesOf();
  const object = pod([{ name: 'm', emptyDir: { medium: 'Memory' } }]);
  const path = await pathOf(volumes, object);
  assert.deepEqual(machine.mounts(), [path]);
  await volumes.remove();
  await volumes.remove();
  assert.deepEqual(machine.mounts(), []);
});

test('a type that is not there is told', async () => {
  const volume: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'c' } };
  await assert.rejects(volumesOf().mount(pod([volume]), []), /is not supported here/);
});

describe('subPath', () => {
  test('is made inside, and a link cannot lead it out', async () => {
    const root = join(machine.directory, 'sub');
    const outside = join(machine.directory, 'outside');
    mkdirSync(root);
    mkdirSync(outside);
    assert.equal(await subPathOf(root, 'a/b'), join(root, 'a/b'));
    symlinkSync(outside, join(root, 'link'));
    for (const path of ['../outside', 'link', 'link/new']) {
      await assert.rejects(subPathOf(root, path), { code: 'FAILED_MOUNT' });
    }
    assert.deepEqual(readdirSync(outside), []);
  });
});

describe('references', () => {
  const object = pod(
    [
      { name: 'a', configMap: { name: 'map' } },
      { name: 'b', projected: { sources: [{ secret: { name: 'projected' } }] } },
    ],
    {
      containers: [
        {
          name: 'main',
          envFrom: [{ secretRef: { name: 'from' } }],
          env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'key', key: 'k' } } }],
        },
      ],
    },
  );

  test('of volumes', () => {
    assert.equal(volumesUse(object, 'ConfigMap', 'map'), true);
    assert.equal(volumesUse(object, 'Secret', 'map'), false);
    assert.equal(volumesUse(object, 'Secret', 'projected'), true);
    assert.equal(volumesUse(object, 'ConfigMap', 'key'), false);
  });

  test('of environments', () => {
    assert.equal(environmentUses(object, 'Secret', 'from'), true);
    assert.equal(environmentUses(object, 'ConfigMap', 'key'), true);
    assert.equal(environmentUses(object, 'ConfigMap', 'map'), false);
  });
});
