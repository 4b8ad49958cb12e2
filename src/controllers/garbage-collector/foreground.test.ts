import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CollectorWorld, ownedBy } from './testing/collector-world.ts';

let world: CollectorWorld;
beforeEach(() => {
  world = new CollectorWorld();
});
afterEach(() => world.close());

describe('in the foreground', () => {
  test('the owner goes after the dependents that hold it', async () => {
    world.start();
    const owner = await world.make('owner');
    await world.make('part', {
      ownerReferences: [ownedBy(owner)],
      finalizers: ['example.com/slow'],
    });
    await world.make('quick', { ownerReferences: [ownedBy(owner)] });
    await world.remove('owner', 'Foreground');
    await world.left('owner,part');
    await world.settled();
    assert.deepEqual((await world.get('owner')).metadata.finalizers, ['foregroundDeletion']);
    await world.patch('part', { finalizers: null });
    await world.left('');
  });

  test('a dependent that does not hold its owner is deleted but not waited for', async () => {
    world.start();
    const owner = await world.make('owner');
    const ownerReferences = [ownedBy(owner, false)];
    await world.make('part', { ownerReferences, finalizers: ['example.com/slow'] });
    await world.remove('owner', 'Foreground');
    await world.left('part');
    await world.until('part is going', async () => {
      return (await world.get('part')).metadata.deletionTimestamp !== undefined;
    });
  });

  test('it goes through all generations, from the last', async () => {
    world.start();
    const top = await world.make('top');
    const middle = await world.dependent('middle', top);
    await world.dependent('bottom', middle);
    await world.remove('top', 'Foreground');
    await world.left('');
  });

  test('a dependent with another owner stays, and no longer holds', async () => {
    world.start();
    const [owner, keeper] = await Promise.all([world.make('owner'), world.make('keeper')]);
    await world.dependent('part', owner, keeper);
    await world.remove('owner', 'Foreground');
    await world.left('keeper,part');
  });

  test('a circle of owners ends', async () => {
    world.start();
    const one = await world.make('one');
    const two = await world.dependent('two', one);
    await world.patch('one', { ownerReferences: [ownedBy(two)] });
    await world.settled();
    await world.remove('one', 'Foreground');
    await world.left('');
  });
});

test('orphaned dependents stay without their owner', async () => {
  world.start();
  const owner = await world.make('owner');
  await world.dependent('part', owner);
  await world.settled();
  await world.remove('owner', 'Orphan');
  await world.left('part');
  await world.settled();
  assert.equal((await world.get('part')).metadata.ownerReferences, undefined);
});
