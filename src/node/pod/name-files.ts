import type { Pod } from '../../kube/index.ts';

/** What the node tells pods about DNS. */
export interface DnsSettings {
  /** The cluster DNS Service, one address for each family in use. */
  readonly clusterServers: readonly string[];
  readonly clusterDomain: string;
  /** The node's own resolvers, for `dnsPolicy: Default` and host network pods. */
  readonly hostServers: readonly string[];
  readonly hostSearch: readonly string[];
}

interface Resolver {
  servers: string[];
  search: string[];
  /** Name to value; a value of `undefined` prints the name alone. */
  options: Map<string, string | undefined>;
}

/** Limits of KEP-2595: what glibc and Kubernetes accept. */
const MAX_SERVERS = 3;
const MAX_SEARCH_PATHS = 32;
const MAX_SEARCH_CHARACTERS = 2048;

function hostResolver(dns: DnsSettings): Resolver {
  return { servers: [...dns.hostServers], search: [...dns.hostSearch], options: new Map() };
}

function clusterResolver(namespace: string, dns: DnsSettings): Resolver {
  const zone = dns.clusterDomain;
  return {
    servers: [...dns.clusterServers],
    search: [`${namespace}.svc.${zone}`, `svc.${zone}`, zone, ...dns.hostSearch],
    options: new Map([['ndots', '5']]),
  };
}

function baseResolver(pod: Pod, dns: DnsSettings): Resolver {
  const namespace = pod.metadata.namespace ?? 'default';
  switch (pod.spec.dnsPolicy) {
    case 'None':
      return { servers: [], search: [], options: new Map() };
    case 'Default':
      return hostResolver(dns);
    case 'ClusterFirstWithHostNet':
      return clusterResolver(namespace, dns);
    default:
      return pod.spec.hostNetwork === true ? hostResolver(dns) : clusterResolver(namespace, dns);
  }
}

function limitSearch(search: readonly string[]): string[] {
  const kept: string[] = [];
  let characters = 0;
  for (const path of new Set(search)) {
    characters += path.length + (kept.length === 0 ? 0 : 1);
    if (kept.length === MAX_SEARCH_PATHS || characters > MAX_SEARCH_CHARACTERS) break;
    kept.push(path);
  }
  return kept;
}

/** The pod's `/etc/resolv.conf`: dnsPolicy, then dnsConfig merged over it (spec/dns.md, KEP-2595). */
export function resolvConf(pod: Pod, dns: DnsSettings): string {
  const resolver = baseResolver(pod, dns);
  const config = pod.spec.dnsConfig;
  for (const { name, value } of config?.options ?? []) {
    if (name !== undefined) resolver.options.set(name, value);
  }
  const search = limitSearch([...resolver.search, ...(config?.searches ?? [])]);
  const servers = [...new Set([...resolver.servers, ...(config?.nameservers ?? [])])];
  const options = [...resolver.options].map(([name, value]) =>
    value === undefined || value === '' ? name : `${name}:${value}`,
  );
  return [
    ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
    ...servers.slice(0, MAX_SERVERS).map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
}

/** The longest host name that Linux takes (`__NEW_UTS_LEN`). */
const MAX_HOSTNAME = 64;

/**
 * The host name that the pod's processes see: `spec.hostname` or the pod's name, cut at 63 characters, with the
 * domain appended under `setHostnameAsFQDN`.
 * @returns undefined when the fully qualified name is longer than Linux allows: the pod then stays Pending.
 */
export function podHostname(pod: Pod, clusterDomain: string): string | undefined {
  const short = (pod.spec.hostname ?? pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '');
  const domain = podDomain(pod, clusterDomain);
  if (pod.spec.setHostnameAsFQDN !== true || domain === undefined) return short;
  const full = `${short}.${domain}`;
  return full.length > MAX_HOSTNAME ? undefined : full;
}

/** `SUBDOMAIN.NAMESPACE.svc.ZONE`, when the pod has a subdomain. */
function podDomain(pod: Pod, clusterDomain: string): string | undefined {
  const { subdomain } = pod.spec;
  if (subdomain === undefined || subdomain === '') return undefined;
  return `${subdomain}.${pod.metadata.namespace ?? 'default'}.svc.${clusterDomain}`;
}

/** The pod's `/etc/hosts`, as the kubelet writes it. */
export function etcHosts(pod: Pod, podIPs: readonly string[], clusterDomain: string): string {
  const short = (pod.spec.hostname ?? pod.metadata.name).slice(0, 63);
  const domain = podDomain(pod, clusterDomain);
  const names = domain === undefined ? short : `${short}.${domain}\t${short}`;
  const aliases = pod.spec.hostAliases ?? [];
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...podIPs.map((ip) => `${ip}\t${names}`),
    ...(aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.']),
    ...aliases.map(({ ip, hostnames }) => [ip, ...(hostnames ?? [])].join('\t')),
    '',
  ].join('\n');
}
