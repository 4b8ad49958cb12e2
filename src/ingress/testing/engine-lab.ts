import http, { type IncomingMessage, type RequestListener } from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { RouteTable } from '../../routes/index.ts';
import { RouteCompiler, type RouteWorld } from '../../routes/index.ts';
import { selfSigned, settings, worldOf, type WorldSketch } from '../../routes/testing/world.ts';
import type { AccessRecord, EngineOptions, IngressEngine } from '../engine.ts';

export type StartEngine = (options: EngineOptions) => Promise<IngressEngine>;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer | AsyncIterable<Buffer>;
  /** The address to ask from. */
  readonly from?: string;
  /** Client certificate, for https. */
  readonly tls?: tls.SecureContextOptions;
}

/** A request as an upstream saw it. */
export interface Seen {
  readonly service: string;
  readonly method: string;
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const UPSTREAM_PORT = 8080;

export const fallbackCertificate = (() => {
  const made = selfSigned('ingress.local');
  return { chain: made['tls.crt'], key: made['tls.key'] };
})();

/**
 * A network namespace with an engine at ports 80 and 443, and real servers behind it: Service number n has its server
 * at 127.1.0.n:8080, which answers with what it saw, as JSON.
 */
export class EngineLab {
  readonly test = new TestKernel();
  readonly netns: string = this.test.namespace('ingress');
  readonly records: AccessRecord[] = [];
  readonly seen: Seen[] = [];
  /** What the engine logged; a test that expects it takes it away, the rest is printed at the end. */
  readonly logged: string[] = [];
  private engine: IngressEngine | undefined;
  private readonly compiler = new RouteCompiler({ ...settings, fallbackCertificate });
  private readonly servers: { close(): unknown; closeAllConnections?(): void }[] = [];
  private readonly agents: http.Agent[] = [];

  async start(start: StartEngine, proxyProtocol = false): Promise<IngressEngine> {
    const place = { netns: this.netns, httpPort: HTTP_PORT, httpsPort: HTTPS_PORT, proxyProtocol };
    this.engine = await start({
      place,
      onAccess: (records) => void this.records.push(...records),
      log: (text) => void this.logged.push(text),
    });
    return this.engine;
  }

  async stop(): Promise<void> {
    await this.engine?.close(0);
    for (const agent of this.agents) agent.destroy();
    for (const server of this.servers) {
      server.closeAllConnections?.();
      server.close();
    }
    this.test.dispose();
    for (const text of this.logged) process.stderr.write(`${text}\n`);
  }

  /** The table of a world, compiled by the one compiler of this lab. */
  table(world: RouteWorld): RouteTable {
    return this.compiler.compile(world).table;
  }

  /** Applies a sketch: Services get the addresses of their servers. */
  async apply(sketch: WorldSketch): Promise<void> {
    await this.engine?.apply(this.table(worldOf(sketch)));
  }

  /** A listening descriptor for a server of the test's own. */
  listen(address: string, port: number = UPSTREAM_PORT): { fd: number } {
    return { fd: this.test.kernel.listenTcp(this.netns, { address, port }) };
  }

  /** A server that is closed at the end. */
  async serve(
    server: net.Server | http2.Http2Server,
    address: string,
    port: number = UPSTREAM_PORT,
  ): Promise<void> {
    this.servers.push(server);
    const listening = Promise.withResolvers<void>();
    server.listen(this.listen(address, port), listening.resolve);
    await listening.promise;
  }

  /** The server of a Service, which answers with what it saw, or as `answer` does. */
  async upstream(service: string, address: string, answer?: RequestListener): Promise<http.Server> {
    const server = http.createServer(
      answer ?? ((request, response) => this.tell(service, request, response)),
    );
    await this.serve(server, address);
    return server;
  }

  private async tell(
    service: string,
    request: IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const seen = {
      service,
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.seen.push(seen);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(seen));
  }

  /** A TCP connection to the engine. */
  connect(port: number, from?: string): net.Socket {
    const at = from === undefined ? undefined : { address: from, port: 0 };
    const fd = this.test.kernel.openTcp(this.netns, 4, at);
    return new net.Socket({ fd }).connect(port, '127.0.0.1');
  }

  /** Sends a request by its URL to the engine, whatever host it names. */
  async ask(
    url: string,
    { method = 'GET', headers = {}, body, from, tls: context }: AskOptions = {},
  ): Promise<Answer> {
    const { protocol, hostname, host, pathname, search } = new URL(url);
    const isSecure = protocol === 'https:';
    const raw = url.slice(`${protocol}//${host}`.length);
    const answered = Promise.withResolvers<IncomingMessage>();
    const request = http.request({
      method,
      path: raw === '' ? `${pathname}${search}` : raw,
      headers: { host, ...headers },
      createConnection: () => {
        const socket = this.connect(isSecure ? HTTPS_PORT : HTTP_PORT, from);
        if (!isSecure) return socket;
        return tls.connect({ socket, servername: hostname, rejectUnauthorized: false, ...context });
      },
    });
    request.once('response', answered.resolve);
    request.once('error', answered.reject);
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) request.end(body);
    else {
      for await (const chunk of body)
        if (!request.write(chunk)) await new Promise((go) => request.once('drain', go));
      request.end();
    }
    const response = await answered.promise;
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
  }

  /** What an upstream said it saw. */
  async seenBy(url: string, options: AskOptions = {}): Promise<Seen> {
    const { status, body } = await this.ask(url, options);
    if (status !== 200) throw new Error(`${url}: ${status} ${body}`);
    return JSON.parse(body) as Seen;
  }

  /** Sends bytes as they are; what comes back until the engine closes. */
  async raw(bytes: string, port: number = HTTP_PORT): Promise<string> {
    const socket = this.connect(port);
    socket.write(bytes, 'latin1');
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('latin1');
  }

  /** An HTTP/2 session over TLS. */
  async http2(servername: string): Promise<http2.ClientHttp2Session> {
    const socket = tls.connect({
      socket: this.connect(HTTPS_PORT),
      servername,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    const session = http2.connect(`https://${servername}`, { createConnection: () => socket });
    await new Promise((go, fail) => session.once('connect', go).once('error', fail));
    return session;
  }

  /** An agent that keeps its connections. */
  agent(): http.Agent {
    const agent = new http.Agent({ keepAlive: true });
    Object.assign(agent, { createConnection: () => this.connect(HTTP_PORT) });
    this.agents.push(agent);
    return agent;
  }

  /** Resolves when a record of this status and target has come. */
  async recorded(target: string): Promise<AccessRecord> {
    for (;;) {
      const found = this.records.find((record) => record.target === target);
      if (found !== undefined) return found;
      await new Promise((go) => setTimeout(go, 5));
    }
  }
}
