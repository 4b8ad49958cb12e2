import type { EndpointSlice, Service } from '../../src/kube/index.ts';

export const ZONE = 'cluster.local.';
export const NAMESPACES = Array.from({ length: 10 }, (_, index) => `team-${index}`);
const SERVICES = 1000;
/** Headless Services, each with two endpoints that have host names. */
const SETS = 100;
const TTL = 30;

interface Endpoint {
  readonly hostname: string;
  readonly address: string;
}

interface ClusterService {
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
}

interface HeadlessService {
  readonly name: string;
  readonly namespace: string;
  readonly endpoints: readonly Endpoint[];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const namespaceAt = (index: number): string => NAMESPACES[index % NAMESPACES.length] ?? '';
const octets = (index: number): string => `${index >> 8}.${index & 255}`;

/** Services with addresses of both families and one named port. */
export const clusterServices: readonly ClusterService[] = range(SERVICES).map((index) => ({
  name: `web-${index}`,
  namespace: namespaceAt(index),
  addresses: [`10.97.${octets(index)}`, `fd00:10:97::${(index + 1).toString(16)}`],
}));

export const headlessServices: readonly HeadlessService[] = range(SETS).map((index) => ({
  name: `set-${index}`,
  namespace: namespaceAt(index),
  endpoints: range(2).map((ordinal) => ({
    hostname: `set-${index}-${ordinal}`,
    address: `10.244.${octets(index * 2 + ordinal)}`,
  })),
}));

export function nameOf({ name, namespace }: { name: string; namespace: string }): string {
  return `${name}.${namespace}.svc.${ZONE}`;
}

/** `10.97.1.2` as `2.1.97.10.in-addr.arpa.` */
export function reverseNameOf(address: string): string {
  return `${address.split('.').toReversed().join('.')}.in-addr.arpa.`;
}

/** The objects that Portolan answers from. */
export function objects(): { readonly services: Service[]; readonly slices: EndpointSlice[] } {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const }];
  const serviceOf = (
    { name, namespace }: { name: string; namespace: string },
    clusterIPs: readonly string[],
  ): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { clusterIP: clusterIPs[0] ?? 'None', clusterIPs: [...clusterIPs], ports },
  });
  return {
    services: [
      ...clusterServices.map((service) => serviceOf(service, service.addresses)),
      ...headlessServices.map((service) => serviceOf(service, ['None'])),
    ],
    slices: headlessServices.map(({ name, namespace, endpoints }) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports,
      endpoints: endpoints.map(({ hostname, address }) => ({
        addresses: [address],
        hostname,
        conditions: { ready: true },
      })),
    })),
  };
}

const typeOf = (address: string): string => (address.includes(':') ? 'AAAA' : 'A');

function servicePortLine(owner: string, weight: number, target: string): string {
  return `_http._tcp.${owner} SRV 0 ${weight} 80 ${target}`;
}

function forwardLines(): string[] {
  return [
    ...clusterServices.flatMap((service) => {
      const name = nameOf(service);
      const addresses = service.addresses.map((one) => `${name} ${typeOf(one)} ${one}`);
      return [...addresses, servicePortLine(name, 100, name)];
    }),
    ...headlessServices.flatMap((service) => {
      const name = nameOf(service);
      return service.endpoints.flatMap(({ hostname, address }) => [
        `${name} A ${address}`,
        `${hostname}.${name} A ${address}`,
        servicePortLine(name, 50, `${hostname}.${name}`),
      ]);
    }),
  ];
}

function pointerLines(): string[] {
  return [
    ...clusterServices.map((service) => {
      const [address = ''] = service.addresses;
      return `${reverseNameOf(address)} PTR ${nameOf(service)}`;
    }),
    ...headlessServices.flatMap((service) =>
      service.endpoints.map(
        ({ hostname, address }) => `${reverseNameOf(address)} PTR ${hostname}.${nameOf(service)}`,
      ),
    ),
  ];
}

function zoneText(zone: string, lines: readonly string[]): string {
  return [
    `$TTL ${TTL}`,
    `${zone} SOA ns.dns.${ZONE} hostmaster.${ZONE} 1 7200 1800 86400 ${TTL}`,
    `${zone} NS ns.dns.${ZONE}`,
    ...lines,
    '',
  ].join('\n');
}

/** Zone to master file: what servers of files answer from, with the records that Portolan makes of the objects. */
export function zoneFiles(): ReadonlyMap<string, string> {
  return new Map([
    [ZONE, zoneText(ZONE, [`ns.dns.${ZONE} A 10.0.0.2`, ...forwardLines()])],
    ['10.in-addr.arpa.', zoneText('10.in-addr.arpa.', pointerLines())],
  ]);
}
