import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../../fault/index.ts';
import { sitesFor, type Scheme } from '../../../routes/index.ts';
import { COUNTERS, type Report, type WorkerStart } from '../protocol.ts';
import { applyDelta, type LiveTable, type TableDelta } from '../table-delta.ts';
import { AccessBatch } from './access-batch.ts';
import { SecureContexts } from './certificates.ts';
import { UpstreamChooser } from './choose-upstream.ts';
import { MORE, serverNameOf } from './client-hello.ts';
import { Door, peek, type Client } from './door.ts';
import { Exchange } from './exchange.ts';
import { ExternalAuthenticator } from './external-auth.ts';
import { passThrough } from './pass-through.ts';
import { plainServer, SecureServer, sniOf, type HttpHandlers } from './http-servers.ts';
import { RequestLimits } from './limits.ts';
import { Mirror } from './mirror.ts';
import { handle, type Workshop } from './pipeline.ts';
import { handleUpgrade } from './upgrades.ts';
import { UpstreamPools, upstreamName } from './upstream-pools.ts';

export interface HttpEngineOptions {
  readonly place: WorkerStart['place'];
  readonly counters: Float64Array;
  readonly report: (report: Report) => void;
}

/** Everything of the engine that runs on its worker: doors, HTTP servers, and what answers. */
export class HttpEngine {
  private readonly options: HttpEngineOptions;
  private readonly table: LiveTable = {
    sites: new Map(),
    backends: new Map(),
    fallbackCertificate: { chain: '', key: '' },
  };
  private readonly workshop: Workshop = {
    table: this.table,
    pools: new UpstreamPools(),
    chooser: new UpstreamChooser(),
    limits: new RequestLimits(),
    external: new ExternalAuthenticator(),
    mirror: new Mirror(),
  };
  private readonly contexts = new SecureContexts();
  private readonly access: AccessBatch;
  /** Clients by connection: the PROXY protocol may name another than the one that connected. */
  private readonly clients = new Map<string, string>();
  /** The same by the socket that requests name, which TLS puts around the one that was accepted. */
  private readonly clientsBySocket = new WeakMap<Socket, string>();
  private readonly doors: readonly [http: Door, https: Door];
  private readonly plain: Server;
  /** For requests in clear whose client spoke TLS with the proxy before. */
  private readonly opened: Server;
  private secure: { readonly open: SecureServer; readonly asking: SecureServer } | undefined;
  private looksAtNames = false;
  private readonly idle = Promise.withResolvers<void>();
  private isClosing = false;

  constructor(options: HttpEngineOptions) {
    this.options = options;
    const { place, report } = options;
    this.access = new AccessBatch((records) =>
      report({ kind: 'access', records: JSON.stringify(records) }),
    );
    this.plain = plainServer(this.handlers('http'));
    this.opened = plainServer(this.handlers('https'));
    const { address, proxyProtocol = false } = place;
    const onAccept = (): void => this.count('accepted', 1);
    this.doors = [
      new Door({
        address,
        port: place.httpPort,
        proxyProtocol,
        onAccept,
        onConnection: (socket, client) => this.takePlain(socket, client),
      }),
      new Door({
        address,
        port: place.httpsPort,
        proxyProtocol,
        onAccept,
        onConnection: (socket, client) => this.takeSecure(socket, client),
      }),
    ];
  }

  /** @returns the ports, which are others than asked for where 0 was */
  async listen(): Promise<{ http: number; https: number }> {
    const [http, https] = this.doors;
    for (const door of this.doors) await door.listen();
    return { http: http.port, https: https.port };
  }

  apply(delta: TableDelta): void {
    const { chain } = this.table.fallbackCertificate;
    applyDelta(this.table, delta);
    const fallback = this.table.fallbackCertificate;
    if (this.secure === undefined) this.secure = this.openSecure();
    else if (fallback.chain !== chain) {
      this.secure.open.replaceFallback(fallback);
      this.secure.asking.replaceFallback(fallback);
    }
    this.looksAtNames = [...this.table.sites.values()].some(
      ({ passthrough, policy }) =>
        passthrough !== undefined || policy.clientCertificate !== undefined,
    );
    if (delta.backends.length === 0 && delta.goneBackends.length === 0) return;
    const backends = [...this.table.backends.values()];
    const names = backends.flatMap(({ upstreams }) => upstreams.map(upstreamName));
    this.workshop.pools.retain(new Set(names));
  }

  private openSecure(): { open: SecureServer; asking: SecureServer } {
    const handlers = this.handlers('https');
    const options = {
      fallback: this.table.fallbackCertificate,
      contextFor: (name: string) => this.contexts.for(this.table, name),
    };
    return {
      open: new SecureServer(handlers, { ...options, asksForCertificate: false }),
      asking: new SecureServer(handlers, { ...options, asksForCertificate: true }),
    };
  }

  private handlers(scheme: Scheme): HttpHandlers {
    const { httpPort, httpsPort, publicPorts } = this.options.place;
    const { http = httpPort, https = httpsPort } = publicPorts ?? {};
    const port = scheme === 'http' ? http : https;
    const begin = (request: IncomingMessage, response: ServerResponse): Exchange => {
      const arrival = { scheme, port, client: this.clientOf(request.socket), sni: sniOf(request) };
      return new Exchange(request, response, arrival);
    };
    return {
      onRequest: (request, response) => {
        const exchange = begin(request, response);
        // Node's parser does not read on behind an upgrade, taken or not.
        if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
        this.enter();
        response.once('close', () => this.leave(exchange));
        this.guard(exchange, () => handle(exchange, this.workshop));
      },
      onUpgrade: (request, socket, head) => this.upgrade(begin, request, { socket, head }),
    };
  }

  /** One request that cannot be answered must not end the engine for all others. */
  private guard(exchange: Exchange, answer: () => void): void {
    try {
      answer();
    } catch (error) {
      const { method, host, target } = exchange.facts;
      const text = `${method} ${host}${target} could not be answered: ${messageOf(error)}`;
      this.options.report({ kind: 'log', text });
      fail(exchange);
    }
  }

  private upgrade(
    begin: (request: IncomingMessage, response: ServerResponse) => Exchange,
    request: IncomingMessage,
    { socket, head }: { socket: Duplex; head: Buffer },
  ): void {
    this.enter();
    const arrival = { request, socket, head, begin, workshop: this.workshop };
    try {
      handleUpgrade(arrival, (exchange, status) => {
        this.access.add({ ...exchange.record(), status });
        this.exit();
      });
    } catch (error) {
      const text = `an upgrade could not be answered: ${messageOf(error)}`;
      this.options.report({ kind: 'log', text });
      socket.destroy();
    }
  }

  private takePlain(socket: Socket, client: Client): void {
    this.remember(socket, client);
    const isOpened = this.options.place.opensTlsBefore === true && client.isSecure;
    (isOpened ? this.opened : this.plain).emit('connection', socket);
  }

  private takeSecure(socket: Socket, client: Client): void {
    const { secure } = this;
    if (secure === undefined) {
      socket.destroy();
      return;
    }
    this.remember(socket, client);
    if (!this.looksAtNames) {
      secure.open.take(socket);
      return;
    }
    peek(socket, (bytes) => {
      const name = serverNameOf(bytes);
      if (name === MORE) return 'more';
      setImmediate(() => this.takeNamed(socket, name));
      return 0;
    });
  }

  /** Passes TLS on unopened, or opens it with or without a question for a certificate. */
  private takeNamed(socket: Socket, name: string | undefined): void {
    const [site] = name === undefined ? [] : sitesFor(this.table, name);
    if (site?.passthrough !== undefined) {
      const backend = this.table.backends.get(site.passthrough);
      passThrough(socket, backend?.upstreams[0]);
      return;
    }
    const asks = site?.policy.clientCertificate !== undefined;
    this.secure?.[asks ? 'asking' : 'open'].take(socket);
  }

  private remember(socket: Socket, { address }: Client): void {
    const key = connectionKey(socket);
    this.clients.set(key, address);
    this.clientsBySocket.set(socket, address);
    socket.once('close', () => this.clients.delete(key));
  }

  private clientOf(socket: Socket): string {
    const known = this.clientsBySocket.get(socket);
    if (known !== undefined) return known;
    const client = this.clients.get(connectionKey(socket)) ?? socket.remoteAddress ?? '';
    this.clientsBySocket.set(socket, client);
    return client;
  }

  private count(name: keyof typeof COUNTERS, by: number): void {
    const { counters } = this.options;
    counters[COUNTERS[name]] = (counters[COUNTERS[name]] ?? 0) + by;
  }

  private get active(): number {
    return this.options.counters[COUNTERS.active] ?? 0;
  }

  private enter(): void {
    this.count('active', 1);
    this.count('requests', 1);
  }

  private leave(exchange: Exchange): void {
    this.access.add(exchange.record());
    this.exit();
  }

  private exit(): void {
    this.count('active', -1);
    if (this.isClosing && this.active === 0) this.idle.resolve();
  }

  /** Takes no more connections, lets requests end for at most `graceMs`, then ends what is left. */
  async close(graceMs: number): Promise<void> {
    this.isClosing = true;
    for (const door of this.doors) door.stop();
    this.plain.closeIdleConnections();
    this.opened.closeIdleConnections();
    this.secure?.open.drain();
    this.secure?.asking.drain();
    if (this.active > 0) {
      const timer = setTimeout(this.idle.resolve, graceMs);
      await this.idle.promise;
      clearTimeout(timer);
    }
    for (const door of this.doors) door.destroy();
    const { pools, external, mirror } = this.workshop;
    await Promise.all([pools.close(), external.close(), mirror.close()]);
    this.access.flush();
  }
}

/** What every answer gets may be what could not be sent. */
function fail(exchange: Exchange): void {
  try {
    exchange.respond(500);
  } catch {
    exchange.response.destroy();
  }
}

function connectionKey({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
