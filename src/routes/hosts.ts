import type { RouteTable, Site } from './contract.ts';

/** The name a request asks for: lower case, without port and final dot; brackets of an IPv6 literal stay. */
export function hostName(header: string): string {
  const port = header.lastIndexOf(':');
  const hasPort = port > header.lastIndexOf(']') && port !== -1;
  const name = (hasPort ? header.slice(0, port) : header).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** Sites that may answer for a name, the nearest first: itself, the wildcard over its first label, every name. */
export function sitesFor({ sites }: RouteTable, name: string): Site[] {
  const dot = name.indexOf('.');
  const wildcard = dot > 0 ? sites.get(`*${name.slice(dot)}`) : undefined;
  return [sites.get(name), wildcard, sites.get('')].filter((site) => site !== undefined);
}
