import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NetworkPolicy, Pod, Service } from '../../kube/index.ts';
import { keyOf, type ClusterNetworkPolicy } from '../../kube/index.ts';
import { api, isApi, isWeb, namespaces, otherWeb, web } from '../testing/cast.ts';
import { clusterPolicyOf, podOf, policyOf, worldOf } from '../testing/objects.ts';
import type { FindingWorld } from './finding.ts';
import { policyFindings } from './policy-findings.ts';

const dns = podOf('coredns', {
  namespace: 'kube-system',
  labels: { 'k8s-app': 'kube-dns' },
  ips: ['10.244.0.10'],
});

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

function worldWith(pods: readonly Pod[], policies: readonly NetworkPolicy[] = []): FindingWorld {
  return {
    ...worldOf({ namespaces, policies }),
    pods: new Map(pods.map((pod) => [keyOf(pod), pod])),
    services: new Map([[keyOf(service), service]]),
  };
}

const world = worldWith([web, api, otherWeb, dns]);

function messages(
  policy: NetworkPolicy | ClusterNetworkPolicy,
  at: FindingWorld = world,
): string[] {
  return policyFindings(at, policy).map(({ code, message }) => `${code} ${message}`);
}

interface Example {
  readonly title: string;
  readonly spec: NetworkPolicy['spec'];
  /** Without the name of the policy. */
  readonly finds: readonly string[];
}

const examples: readonly Example[] = [
  {
    title: 'nothing about a policy that does what it says',
    spec: {
      podSelector: isWeb,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: isApi }], ports: [{ port: 8080 }, { port: 'http' }] }],
      egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }] }],
    },
    finds: [],
  },
  {
    title: 'a target that selects no pod',
    spec: { podSelector: { matchLabels: { app: 'wbe' } } },
    finds: ['SELECTS_NO_POD spec.podSelector selects no pod of namespace default (app=wbe)'],
  },
  {
    title: 'a peer that matches no pod',
    spec: {
      podSelector: isWeb,
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'x' } } }] }],
    },
    finds: ['PEER_MATCHES_NO_POD spec.ingress[0].from[0] matches no pod (app=x)'],
  },
  {
    title: 'a peer that means no namespace',
    spec: {
      podSelector: isWeb,
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'three' } } }] }],
    },
    finds: [
      'PEER_MATCHES_NO_NAMESPACE spec.ingress[0].from[0] means no namespace that there is (team=three)',
    ],
  },
  {
    title: 'nothing about blocks, which may be anywhere',
    spec: { podSelector: isWeb, ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }] },
    finds: [],
  },
  {
    title: 'a port name that no selected pod has',
    spec: { podSelector: isWeb, ingress: [{ ports: [{ port: 'metrics' }] }] },
    finds: [
      'PORT_NAME_UNKNOWN spec.ingress[0].ports[0].port names port TCP metrics, which none of the selected pods has',
    ],
  },
  {
    title: 'a port name that no destination pod has with that protocol',
    spec: {
      podSelector: isWeb,
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: isApi }], ports: [{ port: 'http', protocol: 'UDP' }] }, {}],
    },
    finds: [
      'PORT_NAME_UNKNOWN spec.egress[0].ports[0].port names port UDP http, which none of the destination pods has',
    ],
  },
  {
    title: 'a port that is the Service’s',
    spec: { podSelector: isWeb, ingress: [{ ports: [{ port: 80 }] }] },
    finds: [
      'PORT_OF_SERVICE spec.ingress[0].ports[0].port is 80, the port of Service default/web; its pods are connected to on 8080, and policies see ports of pods',
    ],
  },
  {
    title: 'a port of the destinations that is the Service’s',
    spec: {
      podSelector: isApi,
      policyTypes: ['Egress'],
      egress: [
        { to: [{ podSelector: isWeb }], ports: [{ port: 80 }] },
        { ports: [{ protocol: 'UDP' }] },
      ],
    },
    finds: [
      'PORT_OF_SERVICE spec.egress[0].ports[0].port is 80, the port of Service default/web; its pods are connected to on 8080, and policies see ports of pods',
    ],
  },
  {
    title: 'egress without names',
    spec: {
      podSelector: isWeb,
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: isApi }] }],
    },
    finds: [
      'BLOCKS_DNS spec.egress does not admit UDP 53 to cluster DNS (kube-system, k8s-app=kube-dns) for pod default/web: names will not resolve there',
    ],
  },
];

describe('policyFindings finds', () => {
  for (const { title, spec, finds } of examples) {
    test(title, () => {
      const expected = finds.map((text) => text.replace(' spec', ' NetworkPolicy default/p: spec'));
      assert.deepEqual(messages(policyOf('p', spec)), expected);
    });
  }

  test('no fault with DNS when another policy admits it, or no cluster DNS is there to see', () => {
    const closed = policyOf('closed', { podSelector: {}, policyTypes: ['Egress'] });
    const dnsOnly = policyOf('dns', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
        },
      ],
    });
    assert.equal(messages(closed).length, 1);
    assert.deepEqual(messages(closed, worldWith([web, dns], [dnsOnly])), []);
    const noDns = worldWith([web]);
    assert.match(messages(closed, noDns).join(), /^BLOCKS_DNS/);
    assert.doesNotMatch(messages(dnsOnly, noDns).join(), /BLOCKS_DNS/);
  });

  test('how many pods cannot ask', () => {
    const closed = policyOf('closed', { podSelector: {}, policyTypes: ['Egress'] });
    assert.match(messages(closed).join(), /for 2 pods, default\/web among them/);
  });

  test('that replicas cannot ask, one like the other', () => {
    const replicas = ['web-1', 'web-2', 'web-3'].map((name) =>
      podOf(name, { labels: { app: 'web' } }),
    );
    const closed = policyOf('closed', { podSelector: {}, policyTypes: ['Egress'] });
    const elsewhere = policyOf('open', { podSelector: {}, egress: [{}] }, 'other');
    const at = worldWith([...replicas, dns], [elsewhere]);
    assert.match(messages(closed, at).join(), /for 3 pods, default\/web-1 among them/);
  });

  test('what a ClusterNetworkPolicy does not do', () => {
    const policy = clusterPolicyOf('c', {
      subject: { namespaces: { matchLabels: { team: 'three' } } },
      ingress: [{ action: 'Deny', from: [{}] }],
      egress: [{ action: 'Accept', to: [{ domainNames: ['example.com'] }] }],
    });
    assert.deepEqual(
      policyFindings(world, policy).map(({ code, field }) => `${code} ${field}`),
      [
        'SELECTS_NO_POD spec.subject',
        'RULE_FAILS_CLOSED spec.ingress[0]',
        'DOMAIN_NAMES_MATCH_NOTHING spec.egress[0].to[0].domainNames',
      ],
    );
  });
});
