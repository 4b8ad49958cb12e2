import { formatAddress, requireAddress } from '../../src/ip/index.ts';
import type { Namespace, NetworkPolicy, Pod } from '../../src/kube/index.ts';

/** Pods of one namespace: ten apps with ten replicas each. */
export const PODS_A_NAMESPACE = 100;
const APPS = 10;
const TEAMS = 7;
/** Above what the nodes of a bench's cluster give their own pods: 10.244.0.0/24 to 10.244.2.0/24. */
const FIRST_ADDRESS = requireAddress('10.244.64.1').value;

const namespaceOf = (index: number): string => `crowd-${index}`;
const appOf = (index: number): string => `app-${index % APPS}`;

/** The n-th namespace, of one of several teams. */
export function crowdNamespace(index: number): Namespace {
  const name = namespaceOf(index);
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { 'kubernetes.io/metadata.name': name, team: `team-${index % TEAMS}` },
    },
  };
}

/** The n-th pod, with the address it runs at: one hundred to a namespace, with labels that no policy asks for besides. */
export function crowdPod(index: number): Pod {
  const ip = formatAddress({ family: 4, value: FIRST_ADDRESS + BigInt(index) });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${index}`,
      namespace: namespaceOf(Math.floor(index / PODS_A_NAMESPACE)),
      labels: { app: appOf(index), 'pod-template-hash': `hash-${index % 97}` },
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'example.com/app:1',
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        },
      ],
    },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  };
}

/**
 * The n-th policy, spread over the namespaces: of every ten, one isolates a namespace, and the others admit the next app
 * by a number or by a name, another team's namespaces, and a block of addresses.
 */
export function crowdPolicy(index: number, namespaces: number): NetworkPolicy {
  const order = Math.floor(index / namespaces);
  const metadata = { name: `policy-${index}`, namespace: namespaceOf(index % namespaces) };
  const base = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata } as const;
  if (order % APPS === 0) return { ...base, spec: { podSelector: {} } };
  return {
    ...base,
    spec: {
      podSelector: { matchLabels: { app: appOf(order) } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { app: appOf(order + 1) } } }],
          ports: [{ protocol: 'TCP', port: order % 2 === 0 ? 'http' : 8000 + order }],
        },
        {
          from: [
            {
              namespaceSelector: { matchLabels: { team: `team-${index % TEAMS}` } },
              podSelector: { matchLabels: { app: appOf(order + 2) } },
            },
            { ipBlock: { cidr: `192.0.${index % 256}.0/24` } },
          ],
        },
      ],
      egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }, { to: [{ namespaceSelector: {} }] }],
    },
  };
}

/** The first so many of what `make` makes. */
export function several<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
