import { requireAddress, requireCidr } from '../../ip/index.ts';
import type { Known } from '../known.ts';
import { document, nodeText, podText, policyText, runningAt, serviceText } from './explaining.ts';

const [client, web] = [podText('client'), podText('web')];

/** A cluster as it runs: three pods on two nodes. */
const running = [
  nodeText('node1', '172.18.0.2', '10.244.0.0/24'),
  nodeText('node2', '172.18.0.3', '10.244.1.0/24'),
  podText('client', { uid: 'u1', nodeName: 'node1', status: runningAt('10.244.0.3') }),
  podText('web', { uid: 'u2', nodeName: 'node1', status: runningAt('10.244.0.4') }),
  podText('far', { uid: 'u3', nodeName: 'node2', status: runningAt('10.244.1.4') }),
].join('');

const isolated = policyText('deny', {
  podSelector: { matchLabels: { app: 'client' } },
  policyTypes: ['Egress'],
});
const listeners = (...at: [address: string, port: number][]): Partial<Known> => ({
  listeners: new Map([
    [
      'default/web',
      at.map(([ip, port]) => ({ protocol: 'TCP', address: requireAddress(ip), port })),
    ],
  ]),
});

/** A question, and the hops of its story as `hopsText` has them. */
interface Case {
  readonly manifest: string;
  readonly ask: string;
  readonly hops: RegExp;
  readonly more?: Partial<Known>;
}

/** One for each way that a station can be passed or not. */
export const cases: readonly Case[] = [
  // names
  {
    manifest: client + web + serviceText('web'),
    ask: 'pod/client web',
    hops: /^dns DNS_ADMITTED, name CLUSTER_IP, service READY_ENDPOINTS, egress/,
  },
  {
    manifest: client + web + serviceText('web') + isolated,
    ask: 'pod/client web',
    hops: /^dns DNS_NOT_ADMITTED!, name CLUSTER_IP/,
  },
  {
    manifest: client + web + serviceText('web'),
    ask: 'pod/client wbe',
    hops: /name NO_SUCH_SERVICE!$/,
  },
  {
    manifest: client + web + serviceText('web'),
    ask: 'pod/client svc/web',
    hops: /^name CLUSTER_IP, service/,
  },
  {
    manifest: client + web + serviceText('web'),
    ask: 'pod/client www.example.com:443',
    hops: /name FORWARDED\?, egress .*listen NOT_KNOWN\?$/,
  },
  {
    manifest:
      client +
      serviceText('ext', {
        type: 'ExternalName',
        externalName: 'example.com',
        selector: undefined,
      }),
    ask: 'pod/client ext:443',
    hops: /name EXTERNAL_NAME, egress/,
  },
  {
    manifest: client + web + serviceText('web', { clusterIP: 'None' }),
    ask: 'pod/client web:8080',
    hops: /name HEADLESS_ENDPOINTS, service HEADLESS, egress/,
  },
  {
    manifest: client + serviceText('web', { clusterIP: 'None' }),
    ask: 'pod/client web:8080',
    hops: /name NO_READY_ENDPOINTS!, service SELECTOR_MATCHES_NO_POD!$/,
  },
  {
    manifest:
      client +
      podText('web', { hostname: 'one', subdomain: 'web' }) +
      serviceText('web', { clusterIP: 'None' }),
    ask: 'pod/client one.web:8080',
    hops: /name ENDPOINT, egress/,
  },
  {
    manifest: client + web + isolated + policyText('closed', { podSelector: {} }),
    ask: 'pod/client pod/web',
    hops: /^egress NOT_ENFORCED, route \w+, ingress NOT_ENFORCED, listen/,
    more: { unenforcedBy: '--cni bridge' },
  },
  // services
  {
    manifest: client + web + serviceText('web'),
    ask: 'pod/client svc/web:8080',
    hops: /service NO_SUCH_PORT!$/,
  },
  {
    manifest: client + web + serviceText('web'),
    ask: 'pod/client svc/web:80/UDP',
    hops: /service OTHER_PROTOCOL!$/,
  },
  {
    manifest: client + web + serviceText('web', { selector: { app: 'wbe' } }),
    ask: 'pod/client svc/web',
    hops: /service SELECTOR_MATCHES_NO_POD!$/,
  },
  {
    manifest: client + web + serviceText('web', { selector: undefined }),
    ask: 'pod/client svc/web',
    hops: /service NO_SELECTOR!$/,
  },
  {
    manifest: client + web + serviceText('web', { ports: [{ port: 80, targetPort: 'htpp' }] }),
    ask: 'pod/client svc/web',
    hops: /service TARGET_PORT_NOT_FOUND!$/,
  },
  {
    manifest:
      client +
      podText('web', { uid: 'u', status: runningAt('10.244.0.4', { ready: false }) }) +
      serviceText('web'),
    ask: 'pod/client svc/web',
    hops: /service PODS_NOT_READY!$/,
  },
  {
    manifest:
      client +
      podText('web', { uid: 'u', status: runningAt('10.244.0.4') }) +
      serviceText('web', { clusterIP: 'fd00::1', ipFamilies: ['IPv6'] }),
    ask: 'pod/client svc/web',
    hops: /service NO_ENDPOINTS!$/,
  },
  {
    manifest: running + serviceText('far', { internalTrafficPolicy: 'Local' }),
    ask: 'pod/client svc/far',
    hops: /service NO_LOCAL_ENDPOINTS!$/,
  },
  {
    manifest: running + serviceText('web', { internalTrafficPolicy: 'Local' }),
    ask: 'pod/client svc/web',
    hops: /service READY_LOCAL_ENDPOINTS, /,
  },
  { manifest: web + serviceText('web'), ask: 'outside svc/web', hops: /^service NOT_EXPOSED!$/ },
  {
    manifest: web + serviceText('web', { type: 'NodePort' }),
    ask: 'outside svc/web',
    hops: /^service READY_ENDPOINTS, .* route FROM_OUTSIDE/,
  },
  {
    manifest: web + balanced({ loadBalancerSourceRanges: ['192.0.2.0/24'] }),
    ask: 'outside svc/web',
    hops: /^service SOURCE_NOT_IN_RANGES!$/,
  },
  // policies
  {
    manifest: client + web,
    ask: 'pod/client pod/web',
    hops: /^egress NO_POLICY_SELECTS, .* ingress NO_POLICY_SELECTS, listen PORT_DECLARED$/,
  },
  {
    manifest: client + web + isolated,
    ask: 'pod/client pod/web',
    hops: /^egress NO_RULE_ADMITS!, /,
  },
  {
    manifest:
      client + web + serviceText('web') + policyText('all', { podSelector: {}, ingress: [{}] }),
    ask: 'pod/client pod/web',
    hops: /ingress RULE_ADMITS, /,
  },
  {
    manifest: client + web + cluster('Admin', 'Deny'),
    ask: 'pod/client pod/web',
    hops: /ingress ADMIN_DENIES!/,
  },
  {
    manifest: client + web + cluster('Admin', 'Accept'),
    ask: 'pod/client pod/web',
    hops: /ingress ADMIN_ACCEPTS/,
  },
  {
    manifest: client + web + cluster('Baseline', 'Deny'),
    ask: 'pod/client pod/web',
    hops: /ingress BASELINE_DENIES!/,
  },
  {
    manifest: client + web + cluster('Baseline', 'Accept'),
    ask: 'pod/client pod/web',
    hops: /ingress BASELINE_ACCEPTS/,
  },
  {
    manifest: client + web + cluster('Admin', 'Pass'),
    ask: 'pod/client pod/web',
    hops: /ingress NO_RULE_DECIDES/,
  },
  {
    manifest: running + isolated,
    ask: 'pod/client node/node1:22',
    hops: /^egress OWN_NODE, route SAME_NODE/,
  },
  {
    manifest: running + isolated,
    ask: 'pod/client 10.244.1.99:80',
    hops: /^egress UNKNOWN_POD!, route NO_SUCH_POD_ADDRESS!/,
  },
  {
    manifest: client + isolated,
    ask: 'pod/client pod/client',
    hops: /^egress OWN_ADDRESS, route OWN_POD, ingress OWN_ADDRESS/,
  },
  { manifest: client, ask: 'outside pod/client', hops: /^egress NOT_A_POD, route FROM_OUTSIDE/ },
  // routes
  { manifest: client + web, ask: 'pod/client pod/web', hops: /route NODES_NOT_KNOWN/ },
  { manifest: running, ask: 'pod/client pod/web', hops: /route SAME_NODE/ },
  { manifest: running, ask: 'pod/client pod/far', hops: /route OTHER_NODE/ },
  { manifest: client, ask: 'pod/client outside:443', hops: /route LEAVES_CLUSTER/ },
  { manifest: '', ask: 'outside 192.0.2.9:443', hops: /route OUTSIDE\?/ },
  {
    manifest: client + podText('web', { uid: 'u', status: { phase: 'Pending' } }),
    ask: 'pod/client pod/web',
    hops: /^route POD_WITHOUT_ADDRESS!$/,
  },
  {
    manifest: client + podText('web', { uid: 'u', status: { phase: 'Succeeded' } }),
    ask: 'pod/client pod/web',
    hops: /^route POD_ENDED!$/,
  },
  {
    manifest: client,
    ask: 'pod/client 10.96.7.7:80',
    hops: /route NO_SUCH_SERVICE_ADDRESS!/,
    more: { serviceRanges: [requireCidr('10.96.0.0/12')] },
  },
  // listeners
  { manifest: client + web, ask: 'pod/client pod/web:9', hops: /listen PORT_NOT_DECLARED\?$/ },
  { manifest: client + web, ask: 'pod/client pod/web/ICMP', hops: /listen KERNEL_ANSWERS$/ },
  {
    manifest: client + web,
    ask: 'pod/client pod/web',
    hops: /listen LISTENS$/,
    more: listeners(['::', 8080]),
  },
  {
    manifest: client + web,
    ask: 'pod/client pod/web',
    hops: /listen LISTENS_ON_LOOPBACK!$/,
    more: listeners(['127.0.0.1', 8080]),
  },
  {
    manifest: client + web,
    ask: 'pod/client pod/web',
    hops: /listen NOTHING_LISTENS!$/,
    more: listeners(['::', 9090]),
  },
];

/** The Service web with a load balancer. */
function balanced(spec: Record<string, unknown>): string {
  return serviceText('web', { type: 'LoadBalancer', ...spec });
}

/** A ClusterNetworkPolicy on ingress of everybody. */
function cluster(tier: string, action: string): string {
  const all = { namespaces: {} };
  const spec = { tier, priority: 1, subject: all, ingress: [{ action, from: [all] }] };
  const metadata = { name: 'cluster' };
  return document({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata,
    spec,
  });
}
