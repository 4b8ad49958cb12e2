import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { requireAddress } from '../ip/index.ts';
import type { Change } from './contract.ts';
import {
  document,
  explaining,
  hopOf,
  podText,
  policyText,
  runningAt,
  serviceText,
} from './testing/explaining.ts';

interface Spec {
  readonly [field: string]: unknown;
  readonly selector?: unknown;
  readonly ports?: readonly { readonly port?: unknown; readonly targetPort?: unknown }[];
  readonly ingress?: readonly unknown[];
  readonly egress?: readonly unknown[];
}

function specsOf({ manifest }: Change): Spec[] {
  return parseAllDocuments(manifest).map((one) => (one.toJS() as { spec: Spec }).spec);
}

/** The change of a connection that is not admitted, which must be admitted with it. */
function changeOf(manifest: string, from: string, to: string): Change {
  const story = explaining(manifest)(from, to);
  assert.equal(story.verdict, 'does not admit');
  const { change } = story;
  assert.ok(change, 'there is a change');
  assert.equal(change.admits, true, change.remaining.join('\n'));
  // Applied, it does what was told.
  assert.equal(
    explaining(`${withoutChanged(manifest, change)}---\n${change.manifest}`)(from, to).admits,
    true,
  );
  return change;
}

function keyOf(text: string): string {
  const { kind, metadata } = parse(text) as { kind: string; metadata: { name: string } };
  return `${kind}/${metadata.name}`;
}

function withoutChanged(manifest: string, change: Change): string {
  const changed = new Set(change.manifest.split('---\n').map(keyOf));
  const kept = manifest.split('---\n').filter((text) => text !== '' && !changed.has(keyOf(text)));
  return kept.map((text) => `---\n${text}`).join('');
}

const [client, web] = [podText('client'), podText('web')];
const both = client + web;

describe('policies', () => {
  test('a rule of ingress for the source, beside those that are there', () => {
    const ingress = [
      { from: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ port: 8080 }] },
    ];
    const policy = policyText('web', { podSelector: { matchLabels: { app: 'web' } }, ingress });
    const change = changeOf(both + policy, 'pod/client', 'pod/web');
    assert.deepEqual(specsOf(change)[0]?.ingress, [
      ingress[0],
      {
        from: [{ podSelector: { matchLabels: { app: 'client' } } }],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ]);
    assert.deepEqual(change.sentences, [
      'add to NetworkPolicy default/web a rule of ingress for pod default/client',
    ]);
  });

  test('both directions, when both are isolated', () => {
    const policy = policyText('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const change = changeOf(both + policy, 'pod/client', 'pod/web');
    assert.equal(change.sentences.length, 2);
    const [spec, ...others] = specsOf(change);
    assert.equal(others.length, 0);
    assert.deepEqual([spec?.ingress?.length, spec?.egress?.length], [1, 1]);
  });

  test('DNS with both its protocols, when a name is asked for', () => {
    const policy = policyText('deny', {
      podSelector: { matchLabels: { app: 'client' } },
      policyTypes: ['Egress'],
    });
    const change = changeOf(both + policy + serviceText('web'), 'pod/client', 'web');
    assert.deepEqual(specsOf(change)[0]?.egress?.[0], {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    });
  });

  test('the namespace of a source from another one', () => {
    const policy = policyText('web', { podSelector: {} });
    const other = podText('client', { namespace: 'other' });
    const change = changeOf(web + other + policy, 'pod/other/client', 'pod/web');
    const [rule] = (specsOf(change)[0]?.ingress ?? []) as {
      from: { namespaceSelector: unknown }[];
    }[];
    assert.deepEqual(rule?.from[0]?.namespaceSelector, {
      matchLabels: { 'kubernetes.io/metadata.name': 'other' },
    });
  });

  test('one address for one outside, all for the world outside', () => {
    const policy = policyText('web', { podSelector: {} });
    const cidrs = ['192.0.2.9', 'outside'].map((from) => {
      const change = changeOf(web + policy, from, 'pod/web');
      const [rule] = (specsOf(change)[0]?.ingress ?? []) as {
        from: { ipBlock: { cidr: string } }[];
      }[];
      return rule?.from[0]?.ipBlock.cidr;
    });
    assert.deepEqual(cidrs, ['192.0.2.9/32', '0.0.0.0/0']);
  });

  test('no ports for ICMP, which has none', () => {
    const change = changeOf(
      both + policyText('web', { podSelector: {} }),
      'pod/client',
      'pod/web/ICMP',
    );
    assert.deepEqual(Object.keys(specsOf(change)[0]?.ingress?.[0] as object), ['from']);
  });

  test('the policy whose rule misses the port alone is the one that is changed', () => {
    const from = [{ podSelector: { matchLabels: { app: 'client' } } }];
    const near = policyText('near', { podSelector: {}, ingress: [{ from, ports: [{ port: 9 }] }] });
    const far = policyText('deny', { podSelector: {} });
    const { sentences } = changeOf(both + far + near, 'pod/client', 'pod/web');
    assert.match(sentences.join(), /NetworkPolicy default\/near/);
  });

  for (const tier of ['Admin', 'Baseline']) {
    test(`before the rule of the ${tier} tier that denies`, () => {
      const subject = { namespaces: {} };
      const deny = { name: 'deny', action: 'Deny', from: [subject] };
      const policy = document({
        apiVersion: 'policy.networking.k8s.io/v1alpha2',
        kind: 'ClusterNetworkPolicy',
        metadata: { name: 'guard' },
        spec: { tier, priority: 1, subject, ingress: [deny] },
      });
      const change = changeOf(both + policy, 'pod/client', 'pod/web');
      const rules = specsOf(change)[0]?.ingress as { action: string }[];
      assert.deepEqual(
        rules.map(({ action }) => action),
        ['Accept', 'Deny'],
      );
    });
  }

  test('labels that a controller adds are not what a rule is for', () => {
    const template = {
      metadata: { labels: { app: 'client', 'pod-template-hash': 'x' } },
      spec: { containers: [{ name: 'c', image: 'c' }] },
    };
    const spec = { selector: { matchLabels: { app: 'client' } }, template };
    const deployment = document({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'client' },
      spec,
    });
    const { manifest } = changeOf(
      deployment + web + policyText('web', { podSelector: {} }),
      'deploy/client',
      'pod/web',
    );
    assert.doesNotMatch(manifest, /pod-template-hash/);
  });
});

describe('Services', () => {
  const cases: [
    what: string,
    spec: Record<string, unknown>,
    to: string,
    check: (spec: Spec) => unknown,
    expected: unknown,
  ][] = [
    [
      'a misspelt value',
      { selector: { app: 'wbe' } },
      'svc/web',
      ({ selector }) => selector,
      { app: 'web' },
    ],
    [
      'a misspelt key',
      { selector: { ap: 'web' } },
      'svc/web',
      ({ selector }) => selector,
      { app: 'web' },
    ],
    [
      'a term too many',
      { selector: { app: 'web', tier: 'front' } },
      'svc/web',
      ({ selector }) => selector,
      { app: 'web' },
    ],
    [
      'a misspelt target port',
      { ports: [{ port: 80, targetPort: 'htpp' }] },
      'svc/web',
      ({ ports }) => ports?.[0]?.targetPort,
      'http',
    ],
    [
      'a port that is missing',
      {},
      'svc/web:8080',
      ({ ports }) => ports?.map(({ port }) => port),
      [80, 8080],
    ],
  ];
  for (const [what, spec, to, check, expected] of cases) {
    test(what, () => {
      const change = changeOf(both + serviceText('web', spec), 'pod/client', to);
      assert.deepEqual(check(specsOf(change)[0] ?? {}), expected);
    });
  }

  test('a node port for the world outside', () => {
    const change = changeOf(web + serviceText('web'), 'outside', 'svc/web');
    assert.equal(specsOf(change)[0]?.['type'], 'NodePort');
  });

  test('where the pod listens in truth', () => {
    const address = requireAddress('0.0.0.0');
    const listeners = new Map([
      ['default/web', [{ protocol: 'TCP' as const, address, port: 3000 }]],
    ]);
    const { change } = explaining(both + serviceText('web'), { listeners })(
      'pod/client',
      'svc/web',
    );
    assert.equal(change?.admits, true);
    assert.deepEqual(change.sentences, ['let port 80 of Service default/web lead to 3000']);
  });

  test('a selector that is nothing like any pod is left alone', () => {
    const manifest = both + serviceText('web', { selector: { role: 'database' } });
    assert.equal(explaining(manifest)('pod/client', 'svc/web').change, undefined);
  });

  test('pods that are not ready need no change of ours', () => {
    const unready = podText('web', { uid: 'u', status: runningAt('10.0.0.1', { ready: false }) });
    assert.equal(
      explaining(client + unready + serviceText('web'))('pod/client', 'svc/web').change,
      undefined,
    );
  });
});

test('several things wrong are put right one after the other', () => {
  const wrong = serviceText('web', {
    selector: { app: 'wbe' },
    ports: [{ port: 80, targetPort: 'htpp' }],
  });
  const policy = policyText('deny', { podSelector: {} });
  const change = changeOf(both + wrong + policy, 'pod/client', 'svc/web');
  assert.equal(change.sentences.length, 3);
});

test('what the API server wrote is not in the manifest', () => {
  const spec = {
    clusterIP: '10.96.0.7',
    clusterIPs: ['10.96.0.7'],
    ipFamilies: ['IPv4'],
    type: 'ClusterIP',
  };
  const service = serviceText('web', { ...spec, selector: { app: 'wbe' } }).replace(
    '"metadata":{',
    '"metadata":{"namespace":"default","uid":"u","resourceVersion":"7","managedFields":[],',
  );
  const { manifest } = changeOf(both + service, 'pod/client', 'svc/web');
  assert.doesNotMatch(manifest, /uid|resourceVersion|managedFields|clusterIP|ipFamilies|type/);
});

test('no rule helps a policy whose podSelector is not understood; it is told as such', () => {
  const podSelector = { matchExpressions: [{ key: 'app', operator: 'Like', values: ['web'] }] };
  const story = explaining(both + policyText('odd', { podSelector }))('pod/client', 'pod/web');
  assert.deepEqual([story.verdict, story.change], ['does not admit', undefined]);
  const [detail] = hopOf(story, 'ingress')?.details ?? [];
  assert.match(detail?.sentence ?? '', /its podSelector has an operator that is not known here/);
});
