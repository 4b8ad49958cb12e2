import { ageColumn, column, formatLabels, nameColumn, none, orNone } from '../columns.ts';
import type { Column } from '../kind.ts';
import type { Service, ServicePort } from './service-types.ts';

/** Addresses and names, never shortened: the server cannot know how wide the client prints. */
function loadBalancerText({ status }: Service): string {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const addresses = ingress.map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(addresses.filter((address) => address !== ''))].sort().join(',');
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
