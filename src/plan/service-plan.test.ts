import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { rulesetText, type Operation, type Ruleset } from '../nft/index.ts';
import type { Capture, Endpoint, Masquerading, Verdict } from '../services/index.ts';
import { desiredRuleset } from './desired-ruleset.ts';
import { diff } from './diff.ts';
import { ServicePlan } from './service-plan.ts';
import { applyOperations } from './testing/apply-operations.ts';
import { normal } from './testing/normal.ts';
import { settings } from './testing/settings.ts';

const endpoint = (ip: string, nodeName = 'node-1'): Endpoint => ({
  ip,
  port: 8080,
  nodeName,
  zone: '',
  ready: true,
  serving: true,
  terminating: false,
  forNodes: [],
  forZones: [],
});

function forward(ips: readonly string[], masquerade: Masquerading = 'off-cluster'): Verdict {
  return {
    action: 'forward',
    endpoints: ips.map((ip) => endpoint(ip)),
    masquerade,
    reason: 'READY_ENDPOINTS',
  };
}

function capture(ip: string, verdict: Verdict, rest: Partial<Capture> = {}): Capture {
  return {
    servicePort: 'default/web:',
    frontend: 'ClusterIP',
    family: 4,
    ip,
    port: 80,
    protocol: 'TCP',
    serving: [],
    verdict,
    ...rest,
  };
}

function sizes(ruleset: Ruleset): { chains: number; rules: number; sets: number } {
  const chains = ruleset.flatMap((table) => table.chains);
  return {
    chains: chains.length,
    rules: chains.flatMap(({ rules }) => rules).length,
    sets: ruleset.flatMap((table) => table.sets).length,
  };
}

const kinds = (operations: readonly Operation[]): string[] =>
  operations.map((operation) => {
    if ('set' in operation) return `${operation.kind} ${operation.set.name}`;
    return 'chain' in operation ? `${operation.kind} ${operation.chain.name}` : operation.kind;
  });

describe('ServicePlan', () => {
  test('has as many chains and rules for 10,000 Services as for 10, whatever their features', () => {
    const features: readonly Partial<Capture>[] = [
      {},
      { affinity: { kind: 'ClientIP', timeoutSeconds: 60 } },
      { frontend: 'LoadBalancerIP', sourceRanges: ['192.0.2.0/24'] },
      { internal: forward(['10.244.0.1']) },
      { verdict: { action: 'reject', reason: 'NO_ENDPOINTS' } },
    ];
    const world = (count: number): Ruleset =>
      desiredRuleset(
        Array.from({ length: count }, (_, index) => {
          const address = `${index >> 8}.${index & 255}`;
          const verdict = forward([`10.244.${address}`, '10.245.0.1']);
          const feature = { ...features[index % features.length] };
          return [`default/s${index}`, [capture(`10.96.${address}`, verdict, feature)]];
        }),
        settings,
      );
    assert.deepEqual(sizes(world(10_000)), sizes(world(10)));
  });

  test('makes a chain when an endpoint count first appears, and removes it with its last user', () => {
    const plan = new ServicePlan(settings);
    const name = 'endpoints-2-masquerade-off-cluster';
    assert.deepEqual(
      kinds(plan.apply('a', [capture('10.96.0.1', forward(['10.244.0.1', '10.244.0.2']))])),
      [
        `add chain ${name}`,
        'add rule',
        'add rule',
        'add rule',
        'add element services',
        'add element shapes',
        'add element endpoints',
        'add element cluster-ips',
        'add element hairpins',
      ],
    );
    const second = plan.apply('b', [capture('10.96.0.2', forward(['10.244.0.1', '10.244.0.2']))]);
    assert.deepEqual(kinds(second), [
      'add element services',
      'add element endpoints',
      'add element cluster-ips',
    ]);
    plan.apply('a', []);
    const last = kinds(plan.apply('b', []));
    assert.deepEqual(last.slice(-2), [`flush chain ${name}`, `delete chain ${name}`]);
  });

  test('changes an endpoint by deleting and adding its slot alone', () => {
    const plan = new ServicePlan(settings);
    plan.apply('a', [capture('10.96.0.1', forward(['10.244.0.1', '10.244.0.2']))]);
    const operations = plan.apply('a', [
      capture('10.96.0.1', forward(['10.244.0.1', '10.244.0.3'])),
    ]);
    assert.deepEqual(kinds(operations), [
      'delete element endpoints',
      'delete element hairpins',
      'add element endpoints',
      'add element hairpins',
    ]);
    const changed = operations.flatMap((operation) =>
      'elements' in operation ? operation.elements : [],
    );
    assert.deepEqual(changed[0]?.key, ['10.96.0.1', 'tcp', 80, 1]);
  });

  test('does nothing for captures that are as they were', () => {
    const plan = new ServicePlan(settings);
    const captures = [capture('10.96.0.1', forward(['10.244.0.1']))];
    plan.apply('a', captures);
    assert.deepEqual(plan.apply('a', captures), []);
  });

  test('gives a frontend that two Services claim to the first by name, and to the other when it goes', () => {
    const plan = new ServicePlan(settings);
    const claim = (ip: string): Capture[] => [
      capture('192.0.2.1', forward([ip]), { frontend: 'ExternalIP' }),
    ];
    const holder = (): unknown =>
      plan.full()[0]?.sets.find(({ definition }) => definition.name === 'endpoints')?.elements[0]
        ?.data?.[0];
    plan.apply('b', claim('10.244.0.2'));
    plan.apply('a', claim('10.244.0.1'));
    assert.equal(holder(), '10.244.0.1');
    plan.apply('a', []);
    assert.equal(holder(), '10.244.0.2');
  });

  test('keeps no hairpin for endpoints elsewhere or for the node itself', () => {
    const plan = new ServicePlan(settings);
    const verdict: Verdict = {
      action: 'forward',
      endpoints: [endpoint('10.244.1.1', 'node-2'), endpoint('172.18.0.2')],
      masquerade: 'never',
      reason: 'READY_ENDPOINTS',
    };
    assert.ok(
      !kinds(plan.apply('a', [capture('10.96.0.1', verdict)])).includes('add element hairpins'),
    );
  });

  test('takes other settings on: a node that joins is an address that pods reach unmasqueraded', () => {
    const plan = new ServicePlan(settings);
    plan.configure({ ...settings, nodeIPs: [...settings.nodeIPs, '172.18.0.3'] });
    const operations = plan.drain();
    assert.deepEqual(kinds(operations), ['add element cluster-cidrs']);
  });

  test('drops blocks inside other blocks, which the kernel would refuse', () => {
    const plan = new ServicePlan({
      ...settings,
      nodeIPs: ['10.244.0.1', '172.18.0.2', '172.18.0.2'],
    });
    const set = plan.full()[0]?.sets.find(({ definition }) => definition.name === 'cluster-cidrs');
    assert.deepEqual(
      set?.elements.map(({ key }) => key[0]),
      ['10.96.0.0', '10.244.0.0', '172.18.0.2'],
    );
  });
});

const ips = fc.integer({ min: 1, max: 6 }).map((last) => `10.244.0.${last}`);
const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  fc
    .tuple(
      fc.uniqueArray(ips, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('never', 'off-cluster', 'always'),
    )
    .map(([endpoints, masquerade]) => forward(endpoints, masquerade)),
  fc.constantFrom<Verdict>(
    { action: 'reject', reason: 'NO_ENDPOINTS' },
    { action: 'drop', reason: 'NO_LOCAL_ENDPOINTS' },
  ),
);
const captures = fc.uniqueArray(
  fc
    .tuple(
      fc.integer({ min: 1, max: 4 }),
      verdicts,
      fc.option(fc.uniqueArray(ips, { minLength: 1, maxLength: 3 })),
      fc.option(fc.constantFrom(10, 10_800)),
      fc.option(fc.constantFrom(['192.0.2.0/24'], ['192.0.2.0/24', '10.0.0.0/8', '10.1.0.0/16'])),
    )
    .map(([last, verdict, internal, timeoutSeconds, sourceRanges]) =>
      capture(`192.0.2.${last}`, verdict, {
        frontend: last === 1 ? 'ClusterIP' : 'ExternalIP',
        ...(internal === null ? {} : { internal: forward(internal) }),
        ...(timeoutSeconds === null ? {} : { affinity: { kind: 'ClientIP', timeoutSeconds } }),
        ...(sourceRanges === null ? {} : { sourceRanges }),
      }),
    ),
  { maxLength: 3, selector: ({ ip }) => ip },
);
const changes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), captures), { maxLength: 12 });

describe('whatever the changes', () => {
  test('applying them one by one gives the same ruleset as writing the outcome at once', () => {
    fc.assert(
      fc.property(changes, (sequence) => {
        const plan = new ServicePlan(settings);
        let kernel = plan.full();
        for (const [service, captures] of sequence) {
          kernel = applyOperations(kernel, plan.apply(service, captures));
        }
        const outcome = desiredRuleset(new Map(sequence), settings);
        assert.deepEqual(normal(kernel), normal(outcome));
        assert.deepEqual(normal(plan.full()), normal(outcome));
      }),
    );
  });

  test('diff turns any state into any other, and finds nothing to do in the same', () => {
    fc.assert(
      fc.property(changes, changes, (before, after) => {
        const previous = desiredRuleset(new Map(before), settings);
        const next = desiredRuleset(new Map(after), settings);
        assert.deepEqual(normal(applyOperations(previous, diff(previous, next))), normal(next));
        assert.deepEqual(diff(next, next), []);
      }),
    );
  });

  test('the text names every chain that an element goes to', () => {
    fc.assert(
      fc.property(changes, (sequence) => {
        const text = rulesetText(desiredRuleset(new Map(sequence), settings));
        for (const [, name] of text.matchAll(/goto ([\w-]+)/g))
          assert.ok(text.includes(`chain ${name} {`), name);
      }),
    );
  });

  test('a Service that goes leaves nothing behind', () => {
    const empty = normal(desiredRuleset([], settings));
    fc.assert(
      fc.property(changes, (sequence) => {
        const plan = new ServicePlan(settings);
        let kernel = plan.full();
        for (const [service, captures] of sequence) {
          kernel = applyOperations(kernel, plan.apply(service, captures));
        }
        for (const service of plan.services()) {
          kernel = applyOperations(kernel, plan.apply(service, []));
        }
        assert.deepEqual(normal(kernel), empty);
      }),
    );
  });

  test('other settings come to the same as those settings from the start', () => {
    const others = fc.array(
      fc.record({
        balancing: fc.constantFrom('random', 'round-robin'),
        serviceCIDRs: fc.subarray(['10.96.0.0/12', '10.200.0.0/16', 'fd00:10:97::/112']),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(changes, others, (sequence, sets) => {
        const plan = new ServicePlan(settings);
        let kernel = plan.full();
        for (const [service, captures] of sequence) plan.stage(service, captures);
        for (const set of sets) {
          plan.configure({ ...settings, ...set });
          kernel = applyOperations(kernel, plan.drain());
        }
        const outcome = desiredRuleset(new Map(sequence), { ...settings, ...sets.at(-1) });
        assert.deepEqual(normal(kernel), normal(outcome));
      }),
    );
  });
});
