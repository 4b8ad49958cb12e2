import { judgeService, type ServiceObject, type SliceObject } from '../../services/index.ts';
import type { Capture, Vantage } from '../../services/index.ts';

const vantage: Vantage = { nodeName: 'node-1', nodeIPs: ['172.18.0.2', 'fd00:18::2'], zone: '' };

/** A backend: its two addresses, and the node that it is said to be on. */
export interface Backend {
  readonly addresses: readonly [string, string];
  readonly nodeName?: string;
  /** Where its own port differs from the others': a named target port. */
  readonly port?: number;
  /** Ready unless it says otherwise. */
  readonly conditions?: SliceObject['endpoints'][number]['conditions'];
  readonly forZones?: readonly string[];
  readonly forNodes?: readonly string[];
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
  readonly ipMode?: 'VIP' | 'Proxy';
  readonly vantage?: Partial<Vantage>;
}): readonly Capture[] {
  const { backends, targetPort, port = 80, nodePort, spec } = options;
  const clusterIPs = [...(options.clusterIPs ?? ['10.96.0.1', 'fd00:10:96::1'])];
  const protocols = ['TCP', 'UDP'] as const;
  const ingress = (options.loadBalancerIPs ?? []).map((ip) => ({
    ip,
    ...(options.ipMode === undefined ? {} : { ipMode: options.ipMode }),
  }));
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
  const slices = ([0, 1] as const).flatMap((index) =>
    backends.map((backend, position): SliceObject => ({
      metadata: { name: `web-${index}-${position}` },
      addressType: index === 0 ? 'IPv4' : 'IPv6',
      ports: protocols.map((protocol) => ({
        name: protocol.toLowerCase(),
        protocol,
        port: backend.port ?? targetPort,
      })),
      endpoints: [
        {
          addresses: [backend.addresses[index]],
          nodeName: backend.nodeName ?? 'node-1',
          conditions: backend.conditions ?? { ready: true },
          hints: {
            forZones: backend.forZones?.map((name) => ({ name })) ?? [],
            forNodes: backend.forNodes?.map((name) => ({ name })) ?? [],
          },
        },
      ],
    })),
  );
  return judgeService(service, slices, { ...vantage, ...options.vantage }).captures;
}
