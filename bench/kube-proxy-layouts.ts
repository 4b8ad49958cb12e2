/** A Service as all layouts see it: one TCP port, some endpoints. */
export interface PlainService {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly endpoints: readonly { readonly ip: string; readonly port: number }[];
}

/** One way to write Services for the kernel, as text for a tool that loads it in one transaction. */
export interface Layout {
  readonly name: string;
  readonly tool: readonly string[];
  all(services: readonly PlainService[]): string;
  add(service: PlainService): string;
  remove(service: PlainService): string;
}

const PODS = '10.244.0.0/16';

function nftName({ name, port }: PlainService): string {
  return `default/${name}/tcp/${port}`;
}

/** Chains first, so that rules may go to them in any order. */
function nftService(service: PlainService): string[] {
  const { ip, port, endpoints } = service;
  const chain = `service-${nftName(service)}`;
  const ends = endpoints.map((end, index) => ({ ...end, chain: `endpoint-${index}-${chain}` }));
  const picks = ends.map((end, index) => `${index} : goto ${end.chain}`).join(', ');
  return [
    ...[chain, ...ends.map((end) => end.chain)].map((name) => `add chain ip kube-proxy ${name}`),
    `add rule ip kube-proxy ${chain} ip daddr ${ip} tcp dport ${port} ip saddr != ${PODS} jump mark-for-masquerade`,
    `add rule ip kube-proxy ${chain} numgen random mod ${ends.length} vmap { ${picks} }`,
    ...ends.flatMap((end) => [
      `add rule ip kube-proxy ${end.chain} ip saddr ${end.ip} jump mark-for-masquerade`,
      `add rule ip kube-proxy ${end.chain} meta l4proto tcp dnat to ${end.ip}:${end.port}`,
    ]),
    `add element ip kube-proxy cluster-ips { ${ip} }`,
    `add element ip kube-proxy service-ips { ${ip} . tcp . ${port} : goto ${chain} }`,
  ];
}

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`;

/**
 * The layout that kube-proxy's nftables backend documents: a map from frontends to chains, and a chain for each
 * Service and each endpoint.
 */
export const nftablesLayout: Layout = {
  name: "kube-proxy's nftables layout, nft -f",
  tool: ['nft', '-f', '-'],
  all: (services) =>
    lines([
      'add table ip kube-proxy',
      'add set ip kube-proxy cluster-ips { type ipv4_addr; }',
      'add map ip kube-proxy service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }',
      'add chain ip kube-proxy mark-for-masquerade',
      'add rule ip kube-proxy mark-for-masquerade mark set mark or 0x4000',
      'add chain ip kube-proxy services',
      'add rule ip kube-proxy services ip daddr . meta l4proto . th dport vmap @service-ips',
      'add chain ip kube-proxy nat-prerouting { type nat hook prerouting priority -100; }',
      'add rule ip kube-proxy nat-prerouting jump services',
      'add chain ip kube-proxy nat-output { type nat hook output priority -100; }',
      'add rule ip kube-proxy nat-output jump services',
      ...services.flatMap(nftService),
    ]),
  add: (service) => lines(nftService(service)),
  remove(service) {
    const { ip, port, endpoints } = service;
    const chain = `service-${nftName(service)}`;
    const chains = [chain, ...endpoints.map((_, index) => `endpoint-${index}-${chain}`)];
    return lines([
      `delete element ip kube-proxy service-ips { ${ip} . tcp . ${port} }`,
      `delete element ip kube-proxy cluster-ips { ${ip} }`,
      ...chains.map((name) => `flush chain ip kube-proxy ${name}`),
      ...chains.map((name) => `delete chain ip kube-proxy ${name}`),
    ]);
  },
};

function iptablesChains({ name, endpoints }: PlainService): string[] {
  return [`KUBE-SVC-${name}`, ...endpoints.map((_, index) => `KUBE-SEP-${name}-${index}`)];
}

function iptablesEntry({ name, ip, port }: PlainService): string {
  return `KUBE-SERVICES -d ${ip}/32 -p tcp -m tcp --dport ${port} -j KUBE-SVC-${name}`;
}

function iptablesService(service: PlainService): string[] {
  const { name, ip, port, endpoints } = service;
  return [
    `-A ${iptablesEntry(service)}`,
    `-A KUBE-SVC-${name} ! -s ${PODS} -d ${ip}/32 -p tcp -m tcp --dport ${port} -j KUBE-MARK-MASQ`,
    ...endpoints.flatMap((end, index) => {
      const chain = `KUBE-SEP-${name}-${index}`;
      const left = endpoints.length - index;
      const chance =
        left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(10)} `;
      return [
        `-A KUBE-SVC-${name} ${chance}-j ${chain}`,
        `-A ${chain} -s ${end.ip}/32 -j KUBE-MARK-MASQ`,
        `-A ${chain} -p tcp -m tcp -j DNAT --to-destination ${end.ip}:${end.port}`,
      ];
    }),
  ];
}

const natTable = (body: readonly string[]): string => lines(['*nat', ...body, 'COMMIT']);

const declare = (chains: readonly string[]): string[] => chains.map((chain) => `:${chain} - [0:0]`);

/** kube-proxy's iptables layout: a rule in one long chain for each Service, and the same chains. */
export const iptablesLayout: Layout = {
  name: "kube-proxy's iptables layout, iptables-restore",
  tool: ['iptables-restore', '--noflush'],
  all: (services) =>
    natTable([
      ...declare(['KUBE-SERVICES', 'KUBE-MARK-MASQ', ...services.flatMap(iptablesChains)]),
      '-A PREROUTING -j KUBE-SERVICES',
      '-A OUTPUT -j KUBE-SERVICES',
      '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
      ...services.flatMap(iptablesService),
    ]),
  add: (service) => natTable([...declare(iptablesChains(service)), ...iptablesService(service)]),
  remove: (service) =>
    natTable([
      `-D ${iptablesEntry(service)}`,
      ...iptablesChains(service).flatMap((chain) => [`-F ${chain}`]),
      ...iptablesChains(service).map((chain) => `-X ${chain}`),
    ]),
};

/** The same through the old interface, which swaps the whole table: quick to load, and walked rule by rule. */
export const legacyLayout: Layout = {
  ...iptablesLayout,
  name: "kube-proxy's iptables layout, iptables-legacy-restore",
  tool: ['iptables-legacy-restore', '--noflush'],
};
