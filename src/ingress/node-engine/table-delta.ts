import type { Backend, BackendId, Certificate, RouteTable, Site } from '../../routes/index.ts';

/** What turns one table into the next: small when little changed, however large the tables are. */
export interface TableDelta {
  readonly sites: readonly Site[];
  readonly goneSites: readonly string[];
  readonly backends: readonly Backend[];
  readonly goneBackends: readonly BackendId[];
  readonly defaultBackend?: BackendId;
  readonly fallbackCertificate: Certificate;
}

/** A table that changes in place. */
export interface LiveTable extends RouteTable {
  readonly sites: Map<string, Site>;
  readonly backends: Map<BackendId, Backend>;
  defaultBackend?: BackendId;
  fallbackCertificate: Certificate;
}

/** Compares by identity, which compilations keep for what did not change. */
export function deltaBetween(previous: RouteTable | undefined, next: RouteTable): TableDelta {
  const before = previous ?? {
    sites: new Map<string, Site>(),
    backends: new Map<string, Backend>(),
  };
  return {
    sites: changed(before.sites, next.sites),
    goneSites: gone(before.sites, next.sites),
    backends: changed(before.backends, next.backends),
    goneBackends: gone(before.backends, next.backends),
    defaultBackend: next.defaultBackend,
    fallbackCertificate: next.fallbackCertificate,
  };
}

function changed<V>(before: ReadonlyMap<string, V>, next: ReadonlyMap<string, V>): V[] {
  const values: V[] = [];
  for (const [key, value] of next) if (before.get(key) !== value) values.push(value);
  return values;
}

function gone(before: ReadonlyMap<string, unknown>, next: ReadonlyMap<string, unknown>): string[] {
  return [...before.keys()].filter((key) => !next.has(key));
}

/** Makes a live table the next one. */
export function applyDelta(table: LiveTable, delta: TableDelta): void {
  for (const site of delta.sites) table.sites.set(site.host, site);
  for (const host of delta.goneSites) table.sites.delete(host);
  for (const backend of delta.backends) table.backends.set(backend.id, backend);
  for (const id of delta.goneBackends) table.backends.delete(id);
  table.defaultBackend = delta.defaultBackend;
  table.fallbackCertificate = delta.fallbackCertificate;
}
