// The program by the protocol of the specification (section 2), in namespaces of its own, with real packets.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { CniResult } from '../cni/index.ts';
import { TestMachine, type Called } from './testing/machine.ts';

const machine = new TestMachine();
after(() => machine.close());

const ipam = {
  ranges: [[{ subnet: '10.77.0.0/24' }], [{ subnet: 'fd00:77::/64' }]],
  dataDir: machine.dataDir,
};
const config = { cniVersion: '1.1.0', name: 'chart', type: 'portolan-cni', ipam };

function add(containerID: string, netns: string, input: object = config): Promise<Called> {
  return machine.call({ command: 'ADD', containerID, netns, input });
}

function remove(containerID: string, netns: string, input: object = config): Promise<Called> {
  return machine.call({ command: 'DEL', containerID, netns, input });
}

async function result(called: Promise<Called>): Promise<CniResult> {
  const { exit, answer } = await called;
  assert.equal(exit, 0, JSON.stringify(answer));
  return answer as unknown as CniResult;
}

function nothing({ exit, answer }: Called): void {
  assert.deepEqual([exit, answer], [0, undefined]);
}

function addressesOf({ ips = [] }: CniResult): string[] {
  return ips.map(({ address }) => address.split('/')[0] ?? '');
}

/** What is reserved on disk. */
function reserved(network = 'chart'): string[] {
  const folder = join(machine.dataDir, network, 'addresses');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

describe('a container’s life', () => {
  const [a, b] = [machine.container('a'), machine.container('b')];

  test('ADD gives both families, and containers reach each other', async () => {
    const first = await result(add('a', a));
    const second = await result(add('b', b));
    assert.deepEqual(addressesOf(first), ['10.77.0.1', 'fd00:77::1']);
    const [host = { name: '' }, own] = first.interfaces ?? [];
    assert.match(host.name, /^pcni[0-9a-f]{11}$/);
    assert.deepEqual(own, { name: 'eth0', mac: '0a:58:0a:4d:00:01', sandbox: a });
    assert.deepEqual(first.ips, [
      { address: '10.77.0.1/32', gateway: '169.254.1.1', interface: 1 },
      { address: 'fd00:77::1/128', gateway: 'fe80::1', interface: 1 },
    ]);
    assert.deepEqual(first.routes, [
      { dst: '0.0.0.0/0', gw: '169.254.1.1' },
      { dst: '::/0', gw: 'fe80::1' },
    ]);
    for (const address of addressesOf(second)) assert.ok(machine.pings(a, address), address);
  });

  test('a second ADD for the same connection is refused, and harms nothing', async () => {
    const { exit, answer } = await add('a', a);
    assert.deepEqual([exit, answer?.['code']], [1, 4]);
    assert.match(String(answer?.['msg']), /^a has eth0 in network chart already$/);
    assert.ok(machine.pings(b, '10.77.0.1'));
  });

  test('DEL takes wire and addresses away, once and again, also without a namespace', async () => {
    nothing(await remove('b', b));
    nothing(await remove('b', b));
    assert.ok(!machine.pings(a, '10.77.0.2'));
    assert.deepEqual(reserved(), ['10.77.0.1', 'fd00:77::1']);
    nothing(await machine.call({ command: 'DEL', containerID: 'a', input: config }));
    assert.deepEqual([reserved(), machine.links()], [[], []]);
  });
});

describe('CHECK', () => {
  const broken: readonly (readonly [
    name: string,
    inContainer: boolean,
    command: string,
    words: RegExp,
  ])[] = [
    ['an address', true, 'ip address flush dev eth0', /has lost 10\.77\.0\.\d+$/],
    ['the default route', true, 'ip route flush default', /has no default route for 10\.77/],
    ['the link', true, 'ip link set eth0 down', /interface eth0 of the container is down/],
    ['the node’s route', false, 'ip route flush proto static', /the node has no route to 10\.77/],
  ];
  for (const [position, [name, inContainer, command, words]] of broken.entries()) {
    test(`misses ${name}`, async () => {
      const id = `check-${position}`;
      const netns = machine.container(id);
      const prevResult = await result(add(id, netns));
      const input = { ...config, prevResult };
      const check = () => machine.call({ command: 'CHECK', containerID: id, netns, input });
      nothing(await check());
      machine.run(inContainer ? netns : undefined, command.split(' '));
      const { exit, answer } = await check();
      assert.equal(exit, 1);
      assert.match(String(answer?.['msg']), words);
      nothing(await remove(id, netns));
    });
  }

  test('needs what ADD said', async () => {
    const netns = machine.container('unsaid');
    const called = await machine.call({
      command: 'CHECK',
      containerID: 'unsaid',
      netns,
      input: config,
    });
    assert.deepEqual([called.exit, called.answer?.['code']], [1, 7]);
  });
});

describe('GC', () => {
  test('removes what is not in use, wire and addresses', async () => {
    const [kept, lost] = [machine.container('kept'), machine.container('lost')];
    const stays = addressesOf(await result(add('kept', kept)));
    const goes = addressesOf(await result(add('lost', lost)));
    const valid = [{ containerID: 'kept', ifname: 'eth0' }];
    const input = { ...config, 'cni.dev/valid-attachments': valid };
    nothing(await machine.call({ command: 'GC', input }));
    assert.deepEqual(reserved(), [...stays].sort());
    assert.ok(!machine.pings(kept, goes[0] ?? ''));
    assert.equal(machine.links().length, 1);
    nothing(await remove('kept', kept));
  });
});

describe('STATUS', () => {
  const small = {
    ...config,
    name: 'small',
    ipam: { ...ipam, ranges: [[{ subnet: '10.78.0.0/32' }]] },
  };

  test('is content while there is room, and says when there is none', async () => {
    nothing(await machine.call({ command: 'STATUS', input: small }));
    const [one, two] = [machine.container('one'), machine.container('two')];
    await result(add('one', one, small));
    const { exit, answer } = await machine.call({ command: 'STATUS', input: small });
    assert.deepEqual(
      [exit, answer?.['code'], answer?.['msg']],
      [1, 50, 'no address is left in network small'],
    );
    const refused = await add('two', two, small);
    assert.deepEqual([refused.exit, refused.answer?.['code']], [1, 11]);
    nothing(await remove('one', one, small));
    assert.deepEqual(addressesOf(await result(add('two', two, small))), ['10.78.0.0']);
    nothing(await remove('two', two, small));
  });
});

describe('what cannot be done leaves nothing', () => {
  test('a namespace that is not there', async () => {
    const { exit, answer } = await add('ghost', join(machine.folder, 'ghost'));
    assert.deepEqual([exit, answer?.['code']], [1, 3]);
    assert.deepEqual([reserved(), machine.links()], [[], []]);
  });

  test('an interface that is there already', async () => {
    const netns = machine.container('busy');
    machine.run(netns, ['ip', 'link', 'add', 'eth0', 'type', 'bridge']);
    const { exit, answer } = await add('busy', netns);
    assert.equal(exit, 1);
    assert.match(String(answer?.['msg']), /EEXIST/);
    assert.deepEqual([reserved(), machine.links()], [[], []]);
  });
});

describe('old and new words', () => {
  test('0.4.0 names the family of each address', async () => {
    const old = { ...config, cniVersion: '0.4.0' };
    const netns = machine.container('old');
    const { cniVersion, ips } = await result(add('old', netns, old));
    assert.deepEqual([cniVersion, ips?.map(({ version }) => version)], ['0.4.0', ['4', '6']]);
    nothing(await remove('old', netns, old));
  });

  test('mtu is the wire’s, on both ends', async () => {
    const netns = machine.container('wide');
    const wide = { ...config, mtu: 9000 };
    const { interfaces = [] } = await result(add('wide', netns, wide));
    assert.deepEqual(
      interfaces.map(({ mtu }) => mtu),
      [9000, 9000],
    );
    assert.match(machine.run(netns, ['ip', 'link', 'show', 'eth0']), / mtu 9000 /);
    nothing(await remove('wide', netns, wide));
  });
});

const plugins = process.env['PORTOLAN_CNI_PLUGINS'] ?? '/usr/lib/cni';
const skip = !existsSync(join(plugins, 'host-local')) && 'no host-local: set PORTOLAN_CNI_PLUGINS';

describe('addresses of another plugin', { skip }, () => {
  const leases = join(machine.folder, 'leases');
  const ranges = [[{ subnet: '10.79.0.0/24' }]];
  const delegated = {
    ...config,
    cniVersion: '1.0.0',
    name: 'delegated',
    ipam: { type: 'host-local', ranges, dataDir: leases },
  };
  const held = () =>
    readdirSync(join(leases, 'delegated')).filter((name) => name.startsWith('10.'));

  test('host-local gives, checks and takes back', async () => {
    const [c, d] = [machine.container('c'), machine.container('d')];
    const call = { path: plugins, input: delegated };
    const first = await result(
      machine.call({ ...call, command: 'ADD', containerID: 'c', netns: c }),
    );
    await result(machine.call({ ...call, command: 'ADD', containerID: 'd', netns: d }));
    assert.deepEqual(addressesOf(first), ['10.79.0.2']);
    assert.ok(machine.pings(d, '10.79.0.2'));
    const input = { ...delegated, prevResult: first };
    nothing(await machine.call({ ...call, input, command: 'CHECK', containerID: 'c', netns: c }));
    assert.equal(held().length, 2);
    for (const containerID of ['c', 'd']) {
      nothing(await machine.call({ ...call, command: 'DEL', containerID }));
    }
    assert.deepEqual(held(), []);
  });

  test('a plugin that is not there is named', async () => {
    const netns = machine.container('e');
    const { dataDir } = machine;
    const input = { ...config, name: 'absent', ipam: { type: 'absent', dataDir } };
    const { exit, answer } = await machine.call({
      command: 'ADD',
      containerID: 'e',
      netns,
      path: plugins,
      input,
    });
    assert.equal(exit, 1);
    assert.match(String(answer?.['msg']), /failed to find plugin "absent" in path \[/);
    const attachments = join(machine.dataDir, 'absent', 'attachments');
    assert.deepEqual([readdirSync(attachments), machine.links()], [[], []]);
  });
});
