import { judgeService, type ServiceObject, type SliceObject } from '../../services/index.ts';
import type { Capture, Vantage } from '../../services/index.ts';

const vantage: Vantage = { nodeName: 'node-1', nodeIPs: ['172.18.0.2', 'fd00:18::2'], zone: '' };

/** A backend: its two addresses, and the node that it is said to be on. */
export interface Backend {
  readonly addresses: readonly [string, string];
  readonly nodeName?: string;
}

/** A dual-stack Service over TCP and UDP on one port, with its slices, judged from node-1. */
export function capturesOf(options: {
  readonly backends: readonly Backend[];
  readonly targetPort: number;
  readonly port?: number;
  readonly clusterIPs?: readonly [string, string];
  readonly spec?: Partial<ServiceObject['spec']>;
  readonly nodePort?: number;
  readonly loadBalancerIPs?: readonly string[];
  readonly vantage?: Partial<Vantage>;
}): readonly Capture[] {
  const { backends, targetPort, port = 80, nodePort, spec } = options;
  const clusterIPs = [...(options.clusterIPs ?? ['10.96.0.1', 'fd00:10:96::1'])];
  const protocols = ['TCP', 'UDP'] as const;
  const ingress = (options.loadBalancerIPs ?? []).map((ip) => ({ ip }));
  const service: ServiceObject = {
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      type: nodePort === undefined ? 'ClusterIP' : 'NodePort',
      clusterIP: clusterIPs[0] ?? '',
      clusterIPs,
      ipFamilies: ['IPv4', 'IPv6'],
      ports: protocols.map((protocol) => ({
        name: protocol.toLowerCase(),
        protocol,
        port,
        ...(nodePort === undefined ? {} : { nodePort }),
      })),
      ...spec,
    },
    status: { loadBalancer: { ingress } },
  };
  const slices = ([0, 1] as const).map((index): SliceObject => ({
    metadata: { name: `web-${index}` },
    addressType: index === 0 ? 'IPv4' : 'IPv6',
    ports: protocols.map((protocol) => ({
      name: protocol.toLowerCase(),
      protocol,
      port: targetPort,
    })),
    endpoints: backends.map(({ addresses, nodeName = 'node-1' }) => ({
      addresses: [addresses[index]],
      nodeName,
      conditions: { ready: true },
    })),
  }));
  return judgeService(service, slices, { ...vantage, ...options.vantage }).captures;
}
