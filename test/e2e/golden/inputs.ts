// The manifests of the recorded session.

const policy = (name: string, spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec,
});
const service = (name: string, spec: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
const list = (...items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const pod = (name: string, app: string, container: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app } },
  spec: { containers: [container] },
});

export const inputs: {
  /** By the name of the file that was given. */
  readonly files: Readonly<Record<string, string>>;
  /** What was typed into `-f -`, in this order. */
  readonly standard: readonly string[];
} = {
  files: {
    'np.yaml': list(
      policy('access-nginx', {
        podSelector: { matchLabels: { app: 'nginx' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { access: 'true' } } }] }],
      }),
      pod('nginx', 'nginx', { name: 'nwp-nginx', image: 'nginx' }),
      pod('busybox', 'sleepy', {
        name: 'nwp-busybox',
        image: 'busybox',
        command: ['sleep', '3600'],
      }),
    ),
    'np2.yaml': list(
      policy('allow-us-east', {
        podSelector: { matchLabels: { app: 'server' } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [{ podSelector: { matchLabels: { region: 'us-east' } } }],
            ports: [{ protocol: 'TCP', port: 8888 }],
          },
        ],
        egress: [{}],
      }),
      policy('block-one-ip', {
        podSelector: { matchLabels: { app: 'server' } },
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.244.0.7/32'] } }] }],
      }),
    ),
  },
  standard: [
    JSON.stringify(
      policy('bad', {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/99' } }] }],
      }),
    ),
    service('bad_name', { selector: { app: 'x' }, ports: [{ port: 99999 }] }),
    service('typo', { selectr: { app: 'x' }, ports: [{ port: 80 }] }),
  ],
};
