import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../clock/index.ts';
import { snapshotOf } from '../names/testing/cluster.ts';
import type { ClusterView, Snapshot } from '../snapshot/index.ts';
import { worldSource } from './world.ts';

/** A view that shows what a test says. */
class FakeView implements ClusterView {
  current: Snapshot = snapshotOf({});
  private readonly whenSynced = Promise.withResolvers<void>();
  readonly synced = this.whenSynced.promise;

  snapshot(): Snapshot {
    return this.current;
  }

  onServices(): void {}

  sync(): Promise<void> {
    this.whenSynced.resolve();
    return this.synced;
  }
}

function sourceOf(): { view: FakeView; clock: FakeClock; world: ReturnType<typeof worldSource> } {
  const view = new FakeView();
  const clock = new FakeClock();
  const options = { hostSearch: ['corp.example'], serverAddresses: ['10.96.0.10'] };
  return { view, clock, world: worldSource({ view, clock, ...options }) };
}

describe('the world that names are judged in', () => {
  test('is the same object until the cluster changes, whatever the time', async () => {
    const { view, clock, world } = sourceOf();
    const first = world();
    await clock.advance(60_000);
    assert.equal(world(), first);
    view.current = snapshotOf({});
    assert.notEqual(world(), first);
    assert.equal(world().snapshot, view.current);
  });

  test('is another one once everything was listed: what was not there may be', async () => {
    const { view, world } = sourceOf();
    const before = world();
    assert.equal(before.isSynced, false);
    await view.sync();
    assert.equal(world().isSynced, true);
    assert.notEqual(world(), before);
  });

  test('has a larger serial number after a change in a later second', async () => {
    const { view, clock, world } = sourceOf();
    const { serial } = world();
    await clock.advance(2000);
    assert.equal(world().serial, serial);
    view.current = snapshotOf({});
    assert.equal(world().serial, serial + 2);
  });

  test('has the settings of the node', () => {
    const { hostSearch, serverAddresses } = sourceOf().world();
    assert.deepEqual([hostSearch, serverAddresses], [['corp.example'], ['10.96.0.10']]);
  });
});
