export { DNS_TABLE, notrackRuleset } from './node/notrack.ts';
export { DNS_IMAGE, ensureDnsObjects, type DnsObjectsOptions } from './objects/cluster-objects.ts';
export { startDns, type ClusterDns, type DnsNode, type DnsOptions } from './start-dns.ts';
