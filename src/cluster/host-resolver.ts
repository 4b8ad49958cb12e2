import { readFileSync } from 'node:fs';

/** What the host's own `/etc/resolv.conf` says. */
export interface HostResolver {
  readonly servers: readonly string[];
  readonly search: readonly string[];
}

/** Reads resolv.conf(5); the last `search` wins, and none of it is an error. */
export function parseResolvConf(text: string): HostResolver {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const servers = lines.flatMap(([word, value]) =>
    word === 'nameserver' && value !== undefined ? [value] : [],
  );
  const search = lines.findLast(([word]) => word === 'search')?.slice(1) ?? [];
  return { servers, search };
}

export function readHostResolver(): HostResolver {
  try {
    return parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return { servers: [], search: [] };
  }
}
