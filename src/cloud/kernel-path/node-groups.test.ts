import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { SLOTS } from './client-slot.ts';
import { NodeGroups, type ForwardNode } from './node-groups.ts';

const nodes: readonly ForwardNode[] = [1, 2, 3].map((number) => ({
  name: `node${number}`,
  address: `172.18.0.${number + 1}`,
}));

describe('groups of nodes', () => {
  let groups: NodeGroups;
  beforeEach(() => {
    groups = new NodeGroups();
  });

  const slots = (among: readonly ForwardNode[], isSticky: boolean) =>
    groups.take(among, isSticky).group.slots;

  test('give every node its even share', () => {
    const shares = Map.groupBy(slots(nodes, false), (address) => address);
    assert.deepEqual(
      nodes.map(({ address }) => shares.get(address)?.length),
      [SLOTS / 3, SLOTS / 3, SLOTS / 3],
    );
  });

  test('that clients stay with lose only the slots of a node that left', () => {
    const before = slots(nodes, true);
    const [, second, ...rest] = nodes;
    const after = slots(
      nodes.filter((node) => node !== second),
      true,
    );
    assert.equal(rest.length, 1);
    assert.equal(new Set(before).size, 3);
    before.forEach((address, slot) => {
      if (address !== second?.address) assert.equal(after[slot], address);
    });
  });

  test('are shared by those with the same nodes, for as long as there are any', () => {
    const first = groups.take(nodes, false);
    const again = groups.take([...nodes], false);
    assert.deepEqual([first.isNew, again.isNew], [true, false]);
    assert.equal(again.group.number, first.group.number);
    assert.equal(groups.give(nodes, false), undefined);
    assert.equal(groups.give(nodes, false), first.group);
    assert.equal(groups.give(nodes, false), undefined);
    assert.deepEqual(groups.list(), []);
  });

  test('have numbers that are never given twice', () => {
    const { number } = groups.take(nodes, false).group;
    groups.give(nodes, false);
    assert.notEqual(groups.take(nodes, false).group.number, number);
    assert.notEqual(groups.take(nodes, true).group.number, groups.take(nodes, false).group.number);
  });
});
