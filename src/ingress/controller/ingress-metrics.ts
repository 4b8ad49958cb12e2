import { Registry, type Histogram } from '../../metrics/index.ts';
import type { Backend, RouteTable } from '../../routes/index.ts';
import type { AccessRecord, IngressEngine } from '../engine.ts';

const labels = ['host', 'namespace', 'ingress', 'service', 'path', 'method', 'status'] as const;
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const bytes = [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
const PREFIX = 'nginx_ingress_controller_';

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

  count(records: readonly AccessRecord[], table: RouteTable | undefined): void {
    for (const record of records) this.countOne(record, table?.backends.get(record.backend ?? ''));
  }

  private countOne(record: AccessRecord, backend: Backend | undefined): void {
    const [namespace = '', ingress = ''] = (record.route?.ingress ?? '').split('/');
    const service = backend?.service?.split('/')[1] ?? '';
    // A host that no Ingress names is a client's invention, and there is no end to these.
    const host = record.route === undefined ? '_' : record.host;
    const path = record.route === undefined ? '' : String(record.route.path);
    const values = [host, namespace, ingress, service, path, record.method, record.status];
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
