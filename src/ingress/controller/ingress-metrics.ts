import { Registry, type Histogram } from '../../metrics/index.ts';
import { hostName, sitesFor } from '../../routes/index.ts';
import type { RouteRef, RouteTable, Site } from '../../routes/index.ts';
import type { AccessRecord, IngressEngine } from '../engine.ts';

const labels = ['host', 'namespace', 'ingress', 'service', 'path', 'method', 'status'] as const;
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const bytes = [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
/** Any word may be a method (RFC 9110 section 9.1); these are counted by name. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const PREFIX = 'nginx_ingress_controller_';

/**
 * Host and path as an Ingress writes them (`*.foo.com`, `/api`), never as a client does: there is no end to the names
 * below a wildcard, and each would be a time series. `_` where no Ingress names the host.
 */
function placeOf(
  { host, route }: AccessRecord,
  table: RouteTable,
): { readonly host: string; readonly path: string } {
  if (route === undefined) return { host: '_', path: '' };
  const key = keyOf(route);
  for (const site of sitesFor(table, hostName(host))) {
    const path = pathsOf(site).get(key);
    if (path !== undefined) return { host: site.host || '_', path };
  }
  // The table has changed since.
  return { host: '_', path: '' };
}

const paths = new WeakMap<Site, ReadonlyMap<string, string>>();

/** The paths of a site by the rule; made once for each. */
function pathsOf(site: Site): ReadonlyMap<string, string> {
  const known = paths.get(site);
  if (known !== undefined) return known;
  const made = new Map(
    site.routes.flatMap(({ ref, match, canaries }) => {
      const text = match.kind === 'regex' ? match.source : match.path;
      return [ref, ...canaries.map((canary) => canary.ref)].map(
        (one) => [keyOf(one), text] as const,
      );
    }),
  );
  paths.set(site, made);
  return made;
}

function keyOf({ ingress, rule, path }: RouteRef): string {
  return `${ingress} ${rule} ${path}`;
}

/** Metrics under ingress-nginx's names, so that its dashboards work. */
export class IngressMetrics {
  private readonly registry = new Registry();
  private readonly requests = this.registry.counter(
    `${PREFIX}requests`,
    'The total number of client requests',
    labels,
  );
  private readonly durations = this.histogram(
    'request_duration_seconds',
    'The request processing time in seconds',
    seconds,
  );
  private readonly sizes = this.histogram('request_size', 'The request length in bytes', bytes);
  private readonly responseSizes = this.histogram(
    'response_size',
    'The response length in bytes',
    bytes,
  );
  private readonly success = this.registry.counter(
    `${PREFIX}success`,
    'Cumulative number of route tables that were taken on',
  );
  private readonly errors = this.registry.counter(
    `${PREFIX}errors`,
    'Cumulative number of route tables that were not taken on',
  );
  private readonly connectionsTotal = this.registry.counter(
    `${PREFIX}nginx_process_connections_total`,
    'total number of connections with state {accepted, handled}',
    ['state'],
  );
  private readonly connections = this.registry.gauge(
    `${PREFIX}nginx_process_connections`,
    'current number of client connections with state {active, reading, writing, waiting}',
    ['state'],
  );

  private histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    return this.registry.histogram({ name: PREFIX + name, help, labels }, bounds);
  }

  count(records: readonly AccessRecord[], table: RouteTable): void {
    for (const record of records) this.countOne(record, table);
  }

  private countOne(record: AccessRecord, table: RouteTable): void {
    const [namespace = '', ingress = ''] = (record.route?.ingress ?? '').split('/');
    const service = table.backends.get(record.backend ?? '')?.service?.split('/')[1] ?? '';
    const { host, path } = placeOf(record, table);
    const method = METHODS.includes(record.method) ? record.method : 'OTHER';
    const values = [host, namespace, ingress, service, path, method, record.status];
    this.requests.add(values);
    this.durations.observe(values, record.seconds);
    this.sizes.observe(values, record.requestBytes);
    this.responseSizes.observe(values, record.responseBytes);
  }

  applied(isGood: boolean): void {
    (isGood ? this.success : this.errors).add([]);
  }

  text(engine: IngressEngine): string {
    const { accepted, active } = engine.counters();
    for (const state of ['accepted', 'handled']) this.connectionsTotal.set([state], accepted);
    this.connections.set(['active'], active);
    return this.registry.text();
  }
}
