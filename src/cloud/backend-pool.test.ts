import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { FakeClock } from '../clock/index.ts';
import type { Route } from '../publish/index.ts';
import type { BackendNode } from './backend-nodes.ts';
import { BackendPool } from './backend-pool.ts';

const a: BackendNode = { name: 'a', addresses: { 4: '172.18.0.2', 6: 'fd00:172:18::2' } };
const b: BackendNode = { name: 'b', addresses: { 4: '172.18.0.3' } };
const draining = { enabled: true, timeoutMs: 5000 };
const target = { family: 4, protocol: 'TCP', nodePort: 30_080, hasAffinity: false } as const;

describe('the pool of nodes', () => {
  let clock: FakeClock;
  let pool: BackendPool;
  let ended: string[];

  beforeEach(() => {
    clock = new FakeClock();
    pool = new BackendPool(clock);
    ended = [];
    pool.update([a, b], draining);
  });

  /** A new connection; ending it takes its lease back, as a door does. */
  function call(
    name: string,
    options: Partial<Omit<typeof target, 'protocol'>> & { protocol?: 'UDP' } = {},
  ) {
    let route: Route | undefined;
    const end = (): void => {
      ended.push(name);
      route?.ended?.();
    };
    route = pool.route(
      { address: { address: '192.0.2.1', port: 1 }, end },
      { ...target, ...options },
    );
    return route;
  }

  const connections = () => pool.list().map((entry) => `${entry.node} ${entry.connections}`);

  test('leads to node ports in turn, and counts', () => {
    assert.deepEqual(call('one')?.target, { address: '172.18.0.2', port: 30_080 });
    const other = call('two');
    assert.deepEqual(other?.target, { address: '172.18.0.3', port: 30_080 });
    assert.deepEqual(connections(), ['a 1', 'b 1']);
    other?.ended?.();
    assert.deepEqual(connections(), ['a 1', 'b 0']);
  });

  test('knows which nodes have an address of the family', () => {
    const six = { ...target, family: 6 } as const;
    const caller = { address: { address: 'fd00::1', port: 1 }, end: () => undefined };
    assert.equal(pool.route(caller, six)?.target.address, 'fd00:172:18::2');
    assert.equal(pool.route(caller, six)?.target.address, 'fd00:172:18::2');
  });

  test('has a next way for as long as there are other nodes', () => {
    const first = call('one');
    first?.ended?.();
    const second = first?.next?.();
    assert.equal(second?.target.address, '172.18.0.3');
    second?.ended?.();
    assert.equal(second?.next?.(), undefined);
    assert.deepEqual(connections(), ['a 0', 'b 0']);
  });

  test('says whether the nodes are others than before', () => {
    assert.equal(pool.update([a, b], draining), false);
    assert.equal(pool.update([a], draining), true);
    assert.equal(pool.update([{ ...a, addresses: { 4: '172.18.0.9' } }], draining), true);
  });

  test('lets connections of a node that left go on for the drain time', async () => {
    call('one');
    call('two');
    pool.update([b], draining);
    await clock.advance(4999);
    assert.deepEqual(ended, []);
    await clock.advance(1);
    assert.deepEqual(ended, ['one']);
    assert.deepEqual(connections(), ['b 1']);
  });

  test('waits no longer than the last of them', () => {
    const route = call('one');
    pool.update([b], draining);
    assert.equal(clock.pending, 1);
    route?.ended?.();
    assert.equal(clock.pending, 0);
  });

  test('without draining ends them at once', () => {
    call('one');
    pool.update([b], { ...draining, enabled: false });
    assert.deepEqual(ended, ['one']);
  });

  test('moves UDP clients of a sick node, and leaves TCP alone', () => {
    call('tcp');
    pool.setStatus('b', 'unhealthy');
    pool.setStatus('a', 'healthy');
    call('udp', { protocol: 'UDP' });
    pool.setStatus('a', 'unhealthy');
    assert.deepEqual(ended, ['udp']);
    pool.forgetStatus();
    assert.deepEqual(
      pool.list().map(({ status }) => status),
      ['unknown', 'unknown'],
    );
  });

  test('close forgets what it waits for', () => {
    call('one');
    pool.update([], draining);
    pool.close();
    assert.equal(clock.pending, 0);
  });
});
