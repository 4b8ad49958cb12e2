import { isIP } from 'node:net';
import { buildConnector, Pool, type Dispatcher } from 'undici';
import type { Backend, RoutePolicy, Upstream } from '../../../routes/index.ts';

const defaultConnectMs = 5000;
/** Connections that carry nothing are closed before most servers (5 s in Node, 75 s in nginx) would close them. */
const KEEP_ALIVE_MS = 4000;

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

/** Kept-alive connections to upstreams, by address and by what was asked about them. */
export class UpstreamPools {
  private readonly pools = new Map<string, Pool>();
  private readonly used = new Map<string, string>();

  /** The connections to one upstream. */
  for(backend: Backend, upstream: Upstream, policy: Partial<PoolPolicy>): Dispatcher {
    const key = keyOf(backend, upstream, policy);
    const known = this.pools.get(key);
    if (known !== undefined) return known;
    const pool = open(backend, upstream, policy);
    this.pools.set(key, pool);
    this.used.set(key, upstreamName(upstream));
    return pool;
  }

  /** Closes what leads to upstreams that no backend has any more; requests under way end first. */
  retain(names: ReadonlySet<string>): void {
    for (const [key, name] of this.used) {
      if (names.has(name)) continue;
      const pool = this.pools.get(key);
      this.pools.delete(key);
      this.used.delete(key);
      // Whoever is still being answered has the pool in hand; failures are theirs to tell.
      pool?.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }
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
