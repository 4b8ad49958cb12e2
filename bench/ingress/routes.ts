import { RouteCompiler, type RouteTable } from '../../src/routes/index.ts';
import { selfSigned, settings, worldOf } from '../../src/routes/testing/world.ts';

/** Where the upstream of the benchmark listens, beside the proxy. */
export const UPSTREAM_PORT = 9000;
export const UPSTREAM = `127.0.0.1:${UPSTREAM_PORT}`;

/** Hosts of the routes, one path each; the first is that of the run with one route. */
export function hostsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `h${at}.bench.com`);
}

export interface Pem {
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
}

export const certificate = (): Pem => selfSigned('*.bench.com');

/** Makes tables of these routes; its own changes keep what did not change, as the controller's does. */
export class BenchTables {
  private readonly compiler: RouteCompiler;

  constructor({ 'tls.crt': chain, 'tls.key': key }: Pem) {
    this.compiler = new RouteCompiler({ ...settings, fallbackCertificate: { chain, key } });
  }

  /** @param services from name to addresses, all on port 8080 unless they are the upstream */
  compile(
    routes: Readonly<Record<string, string>>,
    services: Readonly<Record<string, readonly string[]>>,
    port: number = UPSTREAM_PORT,
  ): RouteTable {
    const world = worldOf({
      ingresses: Object.entries(routes).map(([host, service]) => ({
        name: host,
        paths: { [`${host}/`]: service },
      })),
      services: Object.fromEntries(Object.entries(services).map(([name, ips]) => [name, { ips }])),
    });
    for (const [slice] of world.slices.values()) {
      const [only] = slice?.ports ?? [];
      if (only !== undefined) only.port = port;
    }
    return this.compiler.compile(world).table;
  }
}
