import { ageColumn, column, formatLabels, nameColumn, none, orNone } from '../columns.ts';
import type { Column } from '../kind.ts';
import type { Service, ServicePort } from './service-types.ts';

/** An address that kubectl shortens without `-o wide`: `loadBalancerWidth` in Kubernetes' printers. */
const loadBalancerWidth = 16;

function loadBalancerText({ status }: Service): string {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const text = ingress
    .map(({ ip, hostname }) => ip || hostname || '')
    .filter((address) => address !== '')
    .sort()
    .join(',');
  return text.length > loadBalancerWidth && ingress.length > 1
    ? `${text.slice(0, loadBalancerWidth - 3)}...`
    : text;
}

function externalIp(service: Service): string {
  const { type, externalIPs = [], externalName } = service.spec;
  const own = externalIPs.join(',');
  if (type === 'ExternalName') return orNone(externalName);
  if (type !== 'LoadBalancer') return orNone(own);
  const balancer = loadBalancerText(service);
  const both = [balancer, own].filter((text) => text !== '').join(',');
  return both === '' ? '<pending>' : both;
}

function portText({ port, nodePort = 0, protocol = 'TCP' }: ServicePort): string {
  return nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`;
}

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  column('Type', 'How it is reached.', ({ spec }) => spec.type ?? ''),
  column('Cluster-IP', 'Its address inside the cluster.', ({ spec }) =>
    orNone(spec.clusterIPs?.[0] ?? spec.clusterIP),
  ),
  column('External-IP', 'Its addresses outside the cluster.', externalIp),
  column('Port(s)', 'PORT[:NODEPORT]/PROTOCOL of each port.', ({ spec }) =>
    orNone((spec.ports ?? []).map(portText).join(',')),
  ),
  ageColumn,
  column(
    'Selector',
    'The labels of the pods behind it.',
    ({ spec }) => (spec.selector === undefined ? none : formatLabels(spec.selector)),
    { wide: true },
  ),
];
