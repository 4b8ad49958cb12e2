import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { requireAddress } from '../../ip/index.ts';
import { elementKey, type Operation, type Ruleset } from '../../nft/index.ts';
import { SLOTS } from './client-slot.ts';
import { ForwardingPlan, type Forward } from './forwarding-plan.ts';
import type { Frontend } from './frontend.ts';

const web: Frontend = { address: requireAddress('172.19.0.1'), protocol: 'TCP', port: 80 };
const web6: Frontend = { ...web, address: requireAddress('fd00:172:19::1') };
const node1 = { name: 'node1', address: '172.18.0.2' };
const node2 = { name: 'node2', address: '172.18.0.3' };
const forward: Forward = { nodePort: 30_080, isSticky: false, nodes: [node1, node2] };

/** `add frontends 172.19.0.1 . tcp . 80 : 1` of each operation with one element; those with all slots of a group in short. */
function texts(operations: readonly Operation[]): string[] {
  return operations.map((operation) => {
    if (!('elements' in operation)) return operation.kind;
    const { kind, set, elements } = operation;
    const [verb] = kind.split(' ');
    const [first] = elements;
    const what = elements.length === SLOTS ? `group ${first?.key[0]}` : elements.map(text).join();
    return `${verb} ${set.family} ${set.name} ${what}`;
  });
}

function text(element: Parameters<typeof elementKey>[0]): string {
  return `${elementKey(element)} : ${element.data?.join(' . ')}`;
}

/** How many elements each set of a family has. */
function sizes(ruleset: Ruleset, family: 'ip' | 'ip6'): Record<string, number> {
  const contents = ruleset.find(({ table }) => table.family === family);
  const entries = contents?.sets.map(({ definition, elements }) => [
    definition.name,
    elements.length,
  ]);
  return Object.fromEntries(entries ?? []) as Record<string, number>;
}

describe('the plan of what the kernel forwards', () => {
  let plan: ForwardingPlan;
  beforeEach(() => {
    plan = new ForwardingPlan();
  });

  test('is two elements a frontend, and a group of nodes that is shared', () => {
    assert.deepEqual(texts(plan.change(web, forward)), [
      'add ip nodes group 1',
      'add ip frontends 172.19.0.1 . tcp . 80 : 1',
      'add ip node-ports 172.19.0.1 . tcp . 80 : 30080',
    ]);
    assert.deepEqual(texts(plan.change({ ...web, port: 443 }, { ...forward, nodePort: 30_443 })), [
      'add ip frontends 172.19.0.1 . tcp . 443 : 1',
      'add ip node-ports 172.19.0.1 . tcp . 443 : 30443',
    ]);
    const fixed = { 'sticky-frontends': 0, near: 3 };
    assert.deepEqual(sizes(plan.full(), 'ip'), {
      ...fixed,
      frontends: 2,
      'node-ports': 2,
      nodes: SLOTS,
    });
    assert.deepEqual(sizes(plan.full(), 'ip6'), {
      ...fixed,
      frontends: 0,
      'node-ports': 0,
      nodes: 0,
    });
  });

  test('says nothing when nothing changes', () => {
    assert.deepEqual(plan.change(web, undefined), []);
    plan.change(web, forward);
    assert.deepEqual(plan.change(web, { ...forward, nodes: [node1, node2] }), []);
  });

  test('moves a frontend to another group in one step', () => {
    plan.change(web, forward);
    assert.deepEqual(texts(plan.change(web, { ...forward, nodes: [node2] })), [
      'add ip nodes group 2',
      'delete ip frontends 172.19.0.1 . tcp . 80 : 1',
      'delete ip node-ports 172.19.0.1 . tcp . 80 : 30080',
      'add ip frontends 172.19.0.1 . tcp . 80 : 2',
      'add ip node-ports 172.19.0.1 . tcp . 80 : 30080',
      'delete ip nodes group 1',
    ]);
  });

  test('keeps sticky frontends apart, and families', () => {
    plan.change(web, { ...forward, isSticky: true });
    plan.change(web6, { ...forward, nodes: [{ name: 'node1', address: 'fd00:172:18::2' }] });
    const { frontends, 'sticky-frontends': sticky } = sizes(plan.full(), 'ip');
    assert.deepEqual([frontends, sticky], [0, 1]);
    assert.equal(sizes(plan.full(), 'ip6')['frontends'], 1);
  });

  test('leaves nothing behind', () => {
    const empty = plan.full();
    plan.change(web, forward);
    plan.change(web6, { ...forward, isSticky: true });
    assert.deepEqual(texts(plan.change(web, undefined)), [
      'delete ip frontends 172.19.0.1 . tcp . 80 : 1',
      'delete ip node-ports 172.19.0.1 . tcp . 80 : 30080',
      'delete ip nodes group 1',
    ]);
    plan.change(web6, undefined);
    assert.deepEqual(plan.full(), empty);
  });
});
