import { namespaceOf, nodeOf, podOf } from './objects.ts';

/** The pods, namespaces and nodes that the tests of rows are about. */

const httpPort = { name: 'http', containerPort: 8080, protocol: 'TCP' } as const;

export const web = podOf('web', {
  labels: { app: 'web' },
  ips: ['10.244.0.2', 'fd00:10:244::2'],
  nodeName: 'node1',
  containers: [{ name: 'main', ports: [httpPort] }],
});

/** Its port of the same name has another number. */
export const api = podOf('api', {
  labels: { app: 'api' },
  ips: ['10.244.0.3'],
  nodeName: 'node1',
  containers: [{ name: 'main', ports: [{ ...httpPort, containerPort: 9090 }] }],
});

export const bare = podOf('bare', { ips: ['10.244.1.4'], nodeName: 'node2' });

/** Labelled like {@link web}, in another namespace. */
export const otherWeb = podOf('web', {
  namespace: 'other',
  labels: { app: 'web' },
  ips: ['10.244.1.5'],
  nodeName: 'node2',
});

export const host = podOf('host', {
  labels: { app: 'web' },
  ips: ['172.18.0.3'],
  hostNetwork: true,
  nodeName: 'node2',
});

export const namespaces = [
  namespaceOf('default', { team: 'one' }),
  namespaceOf('other', { team: 'two' }),
];

export const nodes = [
  nodeOf('node1', '172.18.0.2', { zone: 'a' }),
  nodeOf('node2', '172.18.0.3', { zone: 'b' }),
];

export const outside = '192.0.2.7';

/** Selectors that the rows use most. */
export const isWeb = { matchLabels: { app: 'web' } };
export const isApi = { matchLabels: { app: 'api' } };
