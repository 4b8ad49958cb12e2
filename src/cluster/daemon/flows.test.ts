import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import type { DroppedFlow, Flows } from '../../node/index.ts';
import { TestHome } from '../testing/home.ts';
import { followFlows, recentFlows } from './ask-flows.ts';
import { listenForControl } from './control.ts';

const drop: DroppedFlow = {
  verdict: 'dropped',
  time: '2026-01-01T00:00:00Z',
  firstTime: '2026-01-01T00:00:00Z',
  onNode: 'node1',
  source: { address: '10.244.0.2' },
  destination: { address: '10.244.0.3' },
  protocol: 'TCP',
  port: 80,
  direction: 'ingress',
  reason: 'NO_RULE_ADMITS',
  policies: [],
  count: 1,
};

test('flows are reported, and followed until the reader goes', async () => {
  using home = new TestHome();
  const cluster = home.cluster();
  mkdirSync(cluster.run, { recursive: true, mode: 0o700 });
  const listeners = new Set<(flow: DroppedFlow) => void>();
  const flows: Flows = {
    drops: () => [drop],
    onDrop(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onAdmitted: () => assert.fail('only drops are wanted'),
    totals: () => [{ node: 'node1', egress: 0, ingress: 1 }],
  };
  const server = await listenForControl(cluster, {
    status: () => assert.fail('nobody asks'),
    stop: async () => {},
    afterStop: () => {},
    flows: () => flows,
    provePolicies: async () => [],
  });
  const report = await recentFlows(cluster);
  assert.deepEqual(report, { drops: [drop], totals: flows.totals(), isEnforced: true });
  const ending = new AbortController();
  const { signal } = ending;
  const seen: unknown[] = [];
  const onOpen = (): void => {
    for (const listener of listeners) listener(drop);
  };
  for await (const flow of followFlows(cluster, { isDroppedOnly: true, signal, onOpen })) {
    seen.push(flow);
    ending.abort();
  }
  assert.deepEqual(seen, [drop]);
  server.close();
  server.closeAllConnections();
});
