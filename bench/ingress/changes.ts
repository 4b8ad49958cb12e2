import http from 'node:http';
import net from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { createEngine } from '../../src/ingress/create-engine.ts';
import type { RouteTable } from '../../src/routes/index.ts';
import { figureOf, quantile, type Figure } from '../figure.ts';
import type { Stage } from './proxies.ts';
import { BenchTables, hostsOf, UPSTREAM_PORT } from './routes.ts';
import { load } from './wrk.ts';

const bench = 'ingress';
const CHANGES = 1000;
const SOCKETS = 8;
/** Requests a second meanwhile: what a machine has to spare for while it changes. */
const LOAD_RATE = 500;
/** As long as the load lasts at most; changes are made as long as there are any. */
const LOAD_SECONDS = 20;
/** Addresses in the namespace that each answer with their own name. */
const ENDPOINTS = ['127.0.1.1', '127.0.1.2'] as const;
const PORTS = { haproxy: [7000, 7001], node: [7002, 7003] } as const;

/** A server at each endpoint: its address as answer, and a WebSocket that echoes. */
async function startEndpoints({ kernel, pair }: Stage): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  for (const address of ENDPOINTS) {
    const server = http.createServer((_request, response) => response.end(address));
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    const fd = kernel.listenTcp(pair.server, { address, port: UPSTREAM_PORT });
    await new Promise<void>((go) => server.listen({ fd }, go));
    stack.defer(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  return stack;
}

/** Asks over a fresh connection, as a client that has just heard of the route. */
function ask({ kernel, pair }: Stage, port: number, host: string): Promise<string> {
  return new Promise((go, fail) => {
    const createConnection = (): net.Socket =>
      new net.Socket({ fd: kernel.openTcp(pair.client, 4) }).connect(port, pair.serverAddress);
    const request = http.get({ createConnection, headers: { host } }, (response) => {
      let body = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => go(body));
    });
    request.once('error', fail);
  });
}

/** Milliseconds from now until the host is answered with this. */
async function until(
  stage: Stage,
  port: number,
  [host, wanted]: readonly [string, string],
): Promise<number> {
  const since = performance.now();
  for (;;) {
    if ((await ask(stage, port, host)) === wanted) return performance.now() - since;
    if (performance.now() - since > 10_000)
      throw new Error(`${host} is not answered with ${wanted}`);
  }
}

async function openSockets({ kernel, pair }: Stage, port: number): Promise<WebSocket[]> {
  const sockets = Array.from({ length: SOCKETS }, () => {
    const createConnection = (): net.Socket =>
      new net.Socket({ fd: kernel.openTcp(pair.client, 4) }).connect(port, pair.serverAddress);
    return new WebSocket('ws://turn.bench.com/', { createConnection });
  });
  await Promise.all(
    sockets.map((socket) => new Promise((go, fail) => socket.once('open', go).once('error', fail))),
  );
  return sockets;
}

/** Changes routes and endpoints by turns under load, and times each until it is to be seen from outside. */
export async function measureChanges(stage: Stage, name: 'haproxy' | 'node'): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  stack.use(await startEndpoints(stage));
  const [httpPort, httpsPort] = PORTS[name];
  const engine = await createEngine(name, {
    place: { netns: stage.pair.server, httpPort, httpsPort },
    onAccess: () => {},
    log: (text) => console.error(text),
    directory: stage.folder,
  });
  stack.defer(() => engine.close(0));
  const tables = new BenchTables(stage.pem);
  const [loaded = ''] = hostsOf(1);
  const table = (change: number): RouteTable =>
    tables.compile(
      { [loaded]: 'web', 'turn.bench.com': 'turn', [`r${change}.bench.com`]: 'web' },
      { web: ['127.0.0.1'], turn: [ENDPOINTS[Math.floor((change + 1) / 2) % 2] ?? ''] },
    );
  await engine.apply(table(0));
  await until(stage, httpPort, [loaded, '200 ok\n']);
  const sockets = await openSockets(stage, httpPort);
  const over = new AbortController();
  const loading = load(stage, {
    port: httpPort,
    scheme: 'http',
    routes: 1,
    seconds: LOAD_SECONDS,
    rate: LOAD_RATE,
  }).finally(() => over.abort());
  const times: { route: number[]; endpoint: number[] } = { route: [], endpoint: [] };
  for (let change = 1; change <= CHANGES && !over.signal.aborted; change += 1) {
    const next = table(change);
    const since = performance.now();
    const applied = engine.apply(next);
    const isEndpoint = change % 2 === 1;
    const turn = ENDPOINTS[Math.floor((change + 1) / 2) % 2] ?? '';
    await until(
      stage,
      httpPort,
      isEndpoint ? ['turn.bench.com', `200 ${turn}`] : [`r${change}.bench.com`, '200 ok\n'],
    );
    times[isEndpoint ? 'endpoint' : 'route'].push(performance.now() - since);
    await applied;
  }
  const { failed } = await loading;
  const open = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  for (const socket of sockets) socket.terminate();
  return figuresOf(name, { times, failed, open });
}

interface Outcome {
  readonly times: { readonly route: readonly number[]; readonly endpoint: readonly number[] };
  readonly failed: number;
  readonly open: number;
}

function figuresOf(name: string, { times, failed, open }: Outcome): Figure[] {
  const engine = `${name} engine`;
  const count = times.route.length + times.endpoint.length;
  const timed = (figure: string, values: readonly number[]): Figure =>
    figureOf({
      bench,
      figure: `${engine}, ${figure} at ${LOAD_RATE} requests/s: p99`,
      value: quantile(values, 0.99),
      unit: 'ms',
      aim: { of: 'value', compare: '<=', bound: 50 },
    });
  return [
    timed('route to live', times.route),
    timed('endpoint to routed', times.endpoint),
    figureOf({
      bench,
      figure: `${engine}, ${count} changes under load: failed requests`,
      value: failed,
      unit: 'requests',
      aim: { of: 'value', compare: '<=', bound: 0 },
    }),
    figureOf({
      bench,
      figure: `${engine}, ${count} changes: WebSockets open of ${SOCKETS}`,
      value: open,
      unit: 'sockets',
      aim: { of: 'value', compare: '>=', bound: SOCKETS },
    }),
  ];
}
