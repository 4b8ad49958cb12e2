import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import { api, bare, isWeb, outside, web } from '../testing/cast.ts';
import { admits, changesOf, compilerOf, onlyApi, tableOf, textOf } from '../testing/compilers.ts';
import { clusterPolicyOf, namespaceOf, podOf, policyOf } from '../testing/objects.ts';
import type { PolicyCompiler } from './policy-compiler.ts';

const relabelled = (pod: Pod, labels: Record<string, string>): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, labels },
});

describe('changes', () => {
  test('row 35: an updated policy is replaced, a deleted one is gone', () => {
    const compiler = compilerOf([web, api, bare]);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), false);
    compiler.setPolicy({ ...onlyApi, spec: { podSelector: isWeb, ingress: [{}] } });
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), true);
    compiler.setPolicy(onlyApi);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), false);
    compiler.removePolicy(onlyApi);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), true);
  });

  test('row 36: another label of a pod, as target or as peer, is one entry', () => {
    const second = podOf('second', { labels: { app: 'web' }, ips: ['10.244.0.20'] });
    const compiler = compilerOf([web, second, api, bare]);
    compiler.setPod(relabelled(bare, { app: 'api' }));
    assert.deepEqual(changesOf(compiler), ['-classes 10.244.1.4', '+classes 10.244.1.4']);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), true);
    compiler.setPod(relabelled(second, {}));
    compiler.setPod(relabelled(bare, {}));
    compiler.drain();
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.20'), true);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), false);
  });

  test('row 36: another label of a namespace counts for its pods', () => {
    const compiler = compilerOf(
      [web, api],
      [
        policyOf('p', {
          podSelector: isWeb,
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'one' } } }] }],
        }),
      ],
    );
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
    compiler.setNamespace(namespaceOf('default', { team: 'one' }));
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), true);
    compiler.removeNamespace('default');
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
  });

  test('labels that no policy asks about change nothing', () => {
    const compiler = compilerOf([web, api]);
    compiler.setPod(relabelled(web, { app: 'web', build: '7' }));
    assert.deepEqual(changesOf(compiler), []);
  });

  test('a policy about all members of a class leaves them their number', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = tableOf(compiler, 'classes');
    compiler.setPolicy(policyOf('closed', { podSelector: {} }));
    const tables = new Set(changesOf(compiler).map((text) => text.split(' ')[0]));
    assert.deepEqual(tables, new Set(['+admissions', '+subjects']));
    assert.deepEqual(tableOf(compiler, 'classes'), before);
  });
});

describe('policies that go', () => {
  const classesOf = (compiler: PolicyCompiler): number =>
    new Set(tableOf(compiler, 'classes').map((entry) => entry.class)).size;
  const named = policyOf('named', { podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] });

  test('leave no class behind', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = classesOf(compiler);
    for (const policy of [onlyApi, named]) compiler.setPolicy(policy);
    assert.ok(classesOf(compiler) > before);
    for (const policy of [onlyApi, named]) compiler.removePolicy(policy);
    assert.equal(classesOf(compiler), before);
  });

  test('leave no class behind, if only a port name told pods apart', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = classesOf(compiler);
    const policy = clusterPolicyOf('http', {
      ingress: [
        {
          action: 'Deny',
          from: [{ namespaces: {} }],
          protocols: [{ destinationNamedPort: 'http' }],
        },
      ],
    });
    compiler.setClusterPolicy(policy);
    assert.ok(classesOf(compiler) > before);
    compiler.removeClusterPolicy(policy);
    assert.equal(classesOf(compiler), before);
  });

  test('leave no class behind if they go before anybody asked', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = classesOf(compiler);
    compiler.setPolicy(named);
    compiler.removePolicy(named);
    assert.deepEqual(changesOf(compiler), []);
    assert.equal(classesOf(compiler), before);
  });
});

describe('pods', () => {
  test('row 44: a pod is in the tables once it is announced, before its status has an address', () => {
    const compiler = compilerOf([api]);
    const starting = podOf('new', { labels: { app: 'web' }, status: { phase: 'Pending' } });
    compiler.setPod(starting);
    compiler.announce(starting, [requireAddress('10.244.0.40')]);
    assert.equal(admits(compiler, outside, '10.244.0.40'), false);
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.40'), true);
    compiler.retract('default-new');
    assert.deepEqual(tableOf(compiler, 'classes').map(textOf), ['classes 10.244.0.3']);
  });

  test('row 46: a pod that terminates stays until it is gone', () => {
    const compiler = compilerOf([web, api]);
    const leaving = {
      ...api,
      metadata: { ...api.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    compiler.setPod(leaving);
    assert.deepEqual(changesOf(compiler), []);
    compiler.removePod(leaving);
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
  });

  test('row 47: a pod that has ended leaves, even if it was announced', () => {
    const compiler = compilerOf([web, api]);
    compiler.announce(api, [requireAddress('10.244.0.3')]);
    compiler.setPod({ ...api, status: { ...api.status, phase: 'Succeeded' } });
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
  });

  test('row 48: of two pods with one address the running one has it, whatever the order', () => {
    const old = podOf('old', {
      labels: { app: 'api' },
      ips: ['10.244.0.50'],
      status: { phase: 'Pending' },
    });
    const fresh = podOf('fresh', { ips: ['10.244.0.50'] });
    for (const pods of [
      [old, fresh],
      [fresh, old],
    ]) {
      const compiler = compilerOf([web, ...pods]);
      assert.equal(admits(compiler, '10.244.0.50', '10.244.0.2'), false);
      compiler.removePod(fresh);
      assert.equal(admits(compiler, '10.244.0.50', '10.244.0.2'), true);
    }
  });

  test('row 48: an announced pod has its address before one that the API still names', () => {
    const old = podOf('old', { labels: { app: 'api' }, ips: ['10.244.0.50'] });
    const compiler = compilerOf([web, old]);
    compiler.announce(podOf('fresh', { status: { phase: 'Pending' } }), [
      requireAddress('10.244.0.50'),
    ]);
    assert.equal(admits(compiler, '10.244.0.50', '10.244.0.2'), false);
  });

  test('an address of the pods’ ranges that no pod has is admitted by no policy', () => {
    const compiler = compilerOf(
      [web, api],
      [policyOf('open', { podSelector: isWeb, ingress: [{}] })],
    );
    assert.equal(admits(compiler, '10.244.9.9', '10.244.0.2'), false);
    assert.equal(admits(compiler, '10.244.9.9', '10.244.0.3'), true);
    assert.equal(admits(compiler, outside, '10.244.0.2'), true);
  });
});
