import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseNode, type Candidate } from './choose-node.ts';
import type { HealthStatus } from './node-health.ts';

const none: ReadonlySet<string> = new Set();

function nodes(statuses: Record<string, HealthStatus>): Candidate[] {
  return Object.entries(statuses).map(([name, status]) => ({ name, status }));
}

function round(candidates: readonly Candidate[], tried = none): string {
  return [0, 1, 2, 3].map((turn) => chooseNode(candidates, { turn, tried })?.name ?? '-').join(' ');
}

describe('the choice of a node', () => {
  test('goes round the healthy ones', () => {
    assert.equal(round(nodes({ a: 'healthy', b: 'unhealthy', c: 'healthy' })), 'a c a c');
    assert.equal(round(nodes({ a: 'healthy', b: 'unknown' })), 'a a a a');
  });

  test('fails open: with none healthy, all', () => {
    assert.equal(round(nodes({ a: 'unhealthy', b: 'unknown' })), 'a b a b');
  });

  test('leaves out those that were tried, until none is left', () => {
    const both = nodes({ a: 'healthy', b: 'healthy' });
    assert.equal(round(both, new Set(['a'])), 'b b b b');
    assert.equal(round(both, new Set(['a', 'b'])), '- - - -');
    assert.equal(round([]), '- - - -');
  });

  test('sticks to a client, spreads clients, and moves only those of a node that left', () => {
    const all = nodes({ node1: 'healthy', node2: 'healthy', node3: 'healthy' });
    const clients = Array.from({ length: 300 }, (_, number) => `10.0.${number % 7}.${number}`);
    const at = (candidates: readonly Candidate[], client: string, turn = 0) =>
      chooseNode(candidates, { client, turn, tried: none })?.name ?? '-';
    const share = Map.groupBy(clients, (client) => at(all, client));
    for (const { name } of all) assert.ok((share.get(name)?.length ?? 0) > 60, name);
    const fewer = all.slice(0, 2);
    for (const client of clients) {
      assert.equal(at(all, client, 1), at(all, client, 2));
      if (at(all, client) !== 'node3') assert.equal(at(fewer, client), at(all, client));
    }
  });
});
