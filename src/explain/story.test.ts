import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storyText } from './story-text.ts';
import {
  document,
  explaining,
  hopOf,
  nodeText,
  podText,
  policyText,
  runningAt,
  serviceText,
} from './testing/explaining.ts';

const both = podText('client') + podText('web');

function deployment(name: string, replicas: number): string {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'main', ports: [{ containerPort: 8080 }] }];
  const spec = {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers } },
  };
  return document({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec });
}

test('never says that a NetworkPolicy denies', () => {
  const policy = policyText('deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const text = storyText(explaining(both + policy)('pod/client', 'pod/web'));
  assert.match(text, /^does not admit$/m);
  assert.doesNotMatch(text.replaceAll('deny-all', ''), /den(y|ies)|block|reject|forbid/);
});

test('names the object, the rule and the line that decided', () => {
  const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
        - podSelector: {matchLabels: {app: client}}
      ports:
        - port: 8080
`;
  const hop = hopOf(explaining(policy + both)('pod/client', 'pod/web'), 'ingress');
  assert.deepEqual(hop?.object, { kind: 'NetworkPolicy', namespace: 'default', name: 'web' });
  assert.equal(hop?.field, 'spec.ingress[0].from[1]');
  assert.equal(hop?.source, 'shop.yaml:10');
  assert.deepEqual([hop?.rule?.rule, hop?.rule?.peer, hop?.rule?.port], [0, 1, 0]);
});

test('why no rule admits, rule by rule', () => {
  const ingress = [
    { from: [{ podSelector: { matchLabels: { app: 'api' } } }] },
    { ports: [{ port: 9090 }] },
  ];
  const story = explaining(both + policyText('web', { podSelector: {}, ingress }))(
    'pod/client',
    'pod/web',
  );
  const details = hopOf(story, 'ingress')?.details ?? [];
  assert.equal(details.length, 2);
  assert.match(details[0]?.sentence ?? '', /ingress\[0\].*app=api.*app=client/);
  assert.match(details[1]?.sentence ?? '', /ingress\[1\].*9090/);
});

test('the nearest labels of a selector that matches nothing', () => {
  const story = explaining(both + serviceText('web', { selector: { app: 'wbe' } }))(
    'pod/client',
    'svc/web',
  );
  const service = hopOf(story, 'service');
  assert.equal(service?.field, 'spec.selector');
  assert.match(service?.details[0]?.sentence ?? '', /pod default\/web has app=web/);
});

test('the nearest names of a name that is not there', () => {
  const story = explaining(both + serviceText('web'))('pod/client', 'wbe.default');
  const name = hopOf(story, 'name');
  assert.match(
    name?.sentence ?? '',
    /^wbe\.default\.svc\.cluster\.local does not exist \(NXDOMAIN\)/,
  );
  assert.match(name?.details[0]?.sentence ?? '', /did you mean web\.default\?/);
});

test('the search path begins in the namespace of who asks', () => {
  const manifest = podText('client', { namespace: 'other' }) + podText('web') + serviceText('web');
  const tell = explaining(manifest);
  assert.equal(tell('pod/other/client', 'web').admits, false);
  assert.equal(tell('pod/other/client', 'web.default').admits, true);
  assert.equal(tell('pod/other/client', 'web.default.svc.cluster.local').admits, true);
});

describe('several sources and endpoints', () => {
  const service = serviceText('web', { ports: [{ port: 80, targetPort: 8080 }] });

  test('of which the same holds are one way', () => {
    const pods = ['a', 'b', 'c'].map((name) => podText(name, { labels: { app: 'web' } })).join('');
    const { paths } = explaining(podText('client') + pods + service)('pod/client', 'svc/web');
    assert.equal(paths.length, 1);
    assert.deepEqual(
      paths[0]?.alike.map(({ destination }) => destination),
      ['pod default/b', 'pod default/c'],
    );
  });

  test('of which some are admitted', () => {
    const pods =
      podText('a', { labels: { app: 'web' } }) +
      podText('b', { labels: { app: 'web', closed: 'yes' } });
    const policy = policyText('b', { podSelector: { matchLabels: { closed: 'yes' } } });
    const story = explaining(podText('client') + pods + service + policy)('pod/client', 'svc/web');
    assert.equal(story.verdict, 'admits in part');
    assert.equal(story.admits, false);
    assert.deepEqual(
      story.paths.map(({ admits }) => admits),
      [true, false],
    );
    assert.equal(story.change?.admits, true);
  });

  test('a Deployment of a manifest is stood for by one pod, and says so', () => {
    const story = explaining(deployment('web', 3) + podText('client') + service)(
      'pod/client',
      'svc/web',
    );
    assert.equal(story.paths[0]?.destination?.name, 'pod default/web-0');
    assert.equal(story.paths[0]?.destination?.address, undefined);
    assert.match(story.notes.join(), /templates/);
  });

  test('a Deployment without replicas has nobody to ask', () => {
    const tell = explaining(deployment('web', 0) + podText('client') + service);
    assert.throws(() => tell('deploy/web', 'pod/client'), { code: 'NO_PODS' });
    assert.equal(
      hopOf(tell('pod/client', 'svc/web'), 'service')?.reason,
      'SELECTOR_MATCHES_NO_POD',
    );
  });
});

describe('what the destination sees', () => {
  const cluster = [
    nodeText('node1', '172.18.0.2', '10.244.0.0/24'),
    nodeText('node2', '172.18.0.3', '10.244.1.0/24'),
    podText('client', { uid: 'u1', nodeName: 'node1', status: runningAt('10.244.0.3') }),
    podText('far', { uid: 'u2', nodeName: 'node2', status: runningAt('10.244.1.4') }),
    serviceText('far', {
      type: 'NodePort',
      clusterIP: '10.96.0.7',
      ports: [{ port: 80, targetPort: 'http', nodePort: 30080 }],
    }),
  ].join('');
  const onlyNode1 = policyText('far', {
    podSelector: {},
    ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.2/32' } }] }],
  });

  test('through a node port of another node, that node', () => {
    const tell = explaining(cluster + onlyNode1);
    assert.equal(tell('192.0.2.9', '172.18.0.2:30080').admits, true);
    assert.equal(tell('192.0.2.9', 'pod/far').admits, false);
  });

  test('through a cluster IP, the pod itself', () => {
    const story = explaining(cluster + onlyNode1)('pod/client', 'svc/far');
    assert.equal(hopOf(story, 'ingress')?.reason, 'NO_RULE_ADMITS');
    assert.match(hopOf(story, 'route')?.sentence ?? '', /the source address is kept/);
  });

  test('egress to a node port of another node is to that node', () => {
    const egress = [{ to: [{ ipBlock: { cidr: '172.18.0.3/32' } }], ports: [{ port: 30080 }] }];
    const policy = policyText('client', {
      podSelector: { matchLabels: { app: 'client' } },
      policyTypes: ['Egress'],
      egress,
    });
    const tell = explaining(cluster + policy);
    assert.equal(hopOf(tell('pod/client', '172.18.0.3:30080'), 'egress')?.reason, 'RULE_ADMITS');
    assert.equal(hopOf(tell('pod/client', 'svc/far'), 'egress')?.reason, 'NO_RULE_ADMITS');
  });
});

test('an address is known for what has it', () => {
  const tell = explaining(both + serviceText('web', { clusterIP: '10.96.0.7' }));
  assert.equal(hopOf(tell('pod/client', '10.96.0.7:80'), 'service')?.reason, 'READY_ENDPOINTS');
  assert.equal(tell('pod/client', '10.96.0.7:81').paths[0]?.hops.at(-1)?.reason, 'NO_SUCH_PORT');
});

test('the text of a story', () => {
  const text = storyText(explaining(both + serviceText('web'))('pod/client', 'svc/web'));
  assert.equal(
    text,
    `pod default/client -> pod default/web port 8080
  name     passes  CLUSTER_IP         web.default.svc.cluster.local is Service default/web (shop.yaml:6)
  service  passes  READY_ENDPOINTS    Service default/web port 80/TCP, at its cluster IP, leads to 1 endpoint on port 8080 (shop.yaml:6)
  egress   passes  NO_POLICY_SELECTS  no policy selects pod default/client for egress
  route    passes  NODES_NOT_KNOWN    on which nodes the pods will run is not known; every node has a route to every pod
  ingress  passes  NO_POLICY_SELECTS  no policy selects pod default/web for ingress
  listen   passes  PORT_DECLARED      pod default/web declares port 8080/TCP (shop.yaml:4)

admits`,
  );
});

test('what was seen otherwise than told is shouted', () => {
  const story = explaining(both)('pod/client', 'pod/web');
  const live = [
    {
      source: 'pod default/client',
      target: '10.0.0.1:80/TCP',
      connected: false,
      observed: 'timed out',
      agrees: false,
    },
  ];
  const text = storyText({ ...story, live });
  assert.match(text, /^MISMATCH: /);
  assert.match(text, /^live: pod default\/client -> 10\.0\.0\.1:80\/TCP: timed out, NOT AS TOLD$/m);
});

test('what a network does not enforce is told, and stops nothing', () => {
  const manifest = both + policyText('web', { podSelector: {} });
  const story = explaining(manifest, { unenforcedBy: '--cni bridge' })('pod/client', 'pod/web');
  assert.deepEqual([story.verdict, story.change], ['admits', undefined]);
  const hop = hopOf(story, 'ingress');
  assert.equal(
    hop?.sentence,
    'policies are accepted, not enforced (--cni bridge); they say: NetworkPolicy default/web selects pod default/web for ingress, and no rule admits the connection',
  );
  assert.equal(hop.details[0]?.sentence, 'NetworkPolicy default/web: it has no ingress rules');
});
