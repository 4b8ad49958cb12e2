import { isIP } from 'node:net';
import { buildConnector, Pool, type Dispatcher } from 'undici';
import type { Backend, RoutePolicy, Upstream } from '../../../routes/index.ts';
import { KEEP_ALIVE_MS } from './plain-http/plain-connection.ts';
import { PlainPool } from './plain-http/plain-pool.ts';

const defaultConnectMs = 5000;
const defaultReadMs = 60_000;
/** How often idle connections are looked at. */
const SWEEP_MS = 1000;

type PoolPolicy = Pick<RoutePolicy, 'timeouts' | 'upstreamTls'>;

/** `host:port` of an upstream, as logs say it. */
export function upstreamName({ ip, port }: Upstream): string {
  return `${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`;
}

function isEncrypted({ protocol }: Backend): boolean {
  return protocol === 'https' || protocol === 'grpcs';
}

function isHttp2({ protocol }: Backend): boolean {
  return protocol === 'h2c' || protocol === 'grpc' || protocol === 'grpcs';
}

/** The connections to one upstream, and what ends them. */
interface Known<P> {
  readonly name: string;
  readonly pool: P;
}

/** Kept-alive connections to upstreams, by address and by what was asked about them. */
export class UpstreamPools {
  private readonly pools = new Map<string, Known<Pool>>();
  private readonly plain = new Map<string, Known<PlainPool>>();
  private readonly sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();

  /** The connections to one upstream. */
  for(backend: Backend, upstream: Upstream, policy: Partial<PoolPolicy>): Dispatcher {
    const key = keyOf(backend, upstream, policy);
    const known = this.pools.get(key);
    if (known !== undefined) return known.pool;
    const pool = open(backend, upstream, policy);
    this.pools.set(key, { name: upstreamName(upstream), pool });
    return pool;
  }

  /** Those for a GET without a body, to an upstream that speaks HTTP in clear. */
  plainFor(upstream: Upstream, { timeouts }: Partial<PoolPolicy>): PlainPool {
    const { connect = defaultConnectMs, read = defaultReadMs } = timeouts ?? {};
    const name = upstreamName(upstream);
    const key = `${name} ${connect} ${read}`;
    const known = this.plain.get(key);
    if (known !== undefined) return known.pool;
    const { ip: host, port } = upstream;
    const pool = new PlainPool({ host, port, connectMs: connect, readMs: read });
    this.plain.set(key, { name, pool });
    return pool;
  }

  /** Closes what leads to upstreams that no backend has any more; requests under way end first. */
  retain(names: ReadonlySet<string>): void {
    // Whoever is still being answered has the pool in hand; failures are theirs to tell.
    for (const pool of takeOthers(this.pools, names)) pool.close().catch(() => undefined);
    for (const pool of takeOthers(this.plain, names)) pool.close();
  }

  private sweep(): void {
    const now = performance.now();
    for (const { pool } of this.plain.values()) pool.sweep(now);
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper);
    const none = new Set<string>();
    for (const pool of takeOthers(this.plain, none)) pool.destroy();
    await Promise.all(takeOthers(this.pools, none).map((pool) => pool.destroy()));
  }
}

/** Takes out what leads to none of these names. */
function takeOthers<P>(pools: Map<string, Known<P>>, names: ReadonlySet<string>): P[] {
  const others = [...pools].filter(([, { name }]) => !names.has(name));
  for (const [key] of others) pools.delete(key);
  return others.map(([, { pool }]) => pool);
}

function keyOf(backend: Backend, upstream: Upstream, policy: Partial<PoolPolicy>): string {
  const { verify = false, name = '', ca = '' } = policy.upstreamTls ?? {};
  const connect = policy.timeouts?.connect ?? defaultConnectMs;
  return `${backend.protocol} ${upstreamName(upstream)} ${connect} ${verify} ${name} ${ca}`;
}

function open(
  backend: Backend,
  upstream: Upstream,
  { timeouts, upstreamTls }: Partial<PoolPolicy>,
): Pool {
  const scheme = isEncrypted(backend) ? 'https' : 'http';
  const allowH2 = isHttp2(backend);
  // The type lacks `useH2c`, which the connector knows (lib/core/connect.js).
  const h2c = { useH2c: allowH2 && !isEncrypted(backend) };
  const connect = buildConnector({
    ...h2c,
    allowH2,
    timeout: timeouts?.connect ?? defaultConnectMs,
    rejectUnauthorized: upstreamTls?.verify ?? false,
    ca: upstreamTls?.ca,
  });
  return new Pool(`${scheme}://${upstreamName(upstream)}`, {
    connections: null,
    pipelining: allowH2 ? 100 : 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    allowH2,
    // undici would check against the name the client asked for.
    connect: (options, done) =>
      connect({ ...options, servername: upstreamTls?.name ?? options.servername }, done),
  });
}
