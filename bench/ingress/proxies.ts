import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Kernel } from '../../src/kernel/index.ts';
import type { BarePair } from '../bare-pair.ts';
import { programEnv } from '../dns/programs.ts';
import { descendantsOf } from '../processes.ts';
import { haproxyConfiguration, nginxConfiguration, upstreamConfiguration } from './by-hand.ts';
import { hostsOf, type Pem } from './routes.ts';

/** Milliseconds until a proxy has to answer. */
const PATIENCE = 30_000;

export interface Stage {
  readonly kernel: Kernel;
  readonly pair: BarePair;
  readonly folder: string;
  readonly pem: Pem;
  readonly programs: Readonly<Record<'nginx' | 'haproxy' | 'wrk', string>>;
}

export type ProxyName = 'node engine' | 'haproxy engine' | 'nginx' | 'HAProxy';

export interface RunningProxy extends AsyncDisposable {
  readonly name: ProxyName;
  readonly http: number;
  readonly https: number;
  /** Of the processes that answer. */
  readonly pids: readonly number[];
}

function run(stage: Stage, command: readonly string[]): ChildProcess & AsyncDisposable {
  const [program = '', ...args] = command;
  const child = stage.kernel.inNamespace(stage.pair.server, () =>
    spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env: programEnv() }),
  );
  const exited = once(child, 'exit');
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  });
}

/** Something that answers fast, so that the proxies are what is measured. */
export function startUpstream(stage: Stage): AsyncDisposable {
  const folder = join(stage.folder, 'upstream');
  mkdirSync(folder);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, upstreamConfiguration(folder));
  return run(stage, [stage.programs.nginx, '-p', folder, '-c', file]);
}

function commandOf(
  stage: Stage,
  name: ProxyName,
  place: { folder: string; http: number; https: number; routes: number },
): readonly string[] {
  const { folder, http, https, routes } = place;
  const { 'tls.crt': crt, 'tls.key': key } = stage.pem;
  const files = { 'crt.pem': crt, 'key.pem': key, 'both.pem': `${crt}\n${key}` };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const byHand = { ...place, address: stage.pair.serverAddress };
  const file = join(folder, 'configuration');
  if (name === 'nginx') {
    writeFileSync(file, nginxConfiguration(byHand));
    return [stage.programs.nginx, '-p', folder, '-c', file];
  }
  if (name === 'HAProxy') {
    writeFileSync(file, haproxyConfiguration(byHand));
    writeFileSync(
      join(folder, 'hosts.map'),
      hostsOf(routes)
        .map((host) => `${host} web\n`)
        .join(''),
    );
    return [stage.programs.haproxy, '-db', '-f', file];
  }
  const server = fileURLToPath(new URL('engine-server.ts', import.meta.url));
  const engine = name === 'node engine' ? 'node' : 'haproxy';
  const args = [stage.pair.server, http, https, routes, folder].map(String);
  return [process.execPath, '--disable-warning=ExperimentalWarning', server, engine, ...args];
}

let nextPort = 8000;

/** Starts a proxy; resolves when it answers. */
export async function startProxy(
  stage: Stage,
  name: ProxyName,
  routes: number,
): Promise<RunningProxy> {
  const [http, https] = [nextPort, nextPort + 1];
  nextPort += 2;
  const folder = join(stage.folder, `proxy-${http}`);
  mkdirSync(folder);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  if (name === 'HAProxy') {
    const sink = createServer((socket) => socket.resume().on('error', () => {}));
    await new Promise<void>((go) => sink.listen(join(folder, 'access.sock'), go));
    stack.defer(() => void sink.close());
  }
  const command = commandOf(stage, name, { folder, http, https, routes });
  const child = stack.use(run(stage, command));
  await whenListening(stage, http, child);
  const pids = [child.pid ?? 0, ...descendantsOf(child.pid ?? 0)];
  // The engine's HAProxy is what answers, not the process that reads its log.
  if (name === 'haproxy engine') pids.shift();
  const moved = stack.move();
  return { name, http, https, pids, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

async function whenListening(
  { kernel, pair, programs }: Stage,
  port: number,
  child: ChildProcess,
): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  const url = `http://${pair.serverAddress}:${port}/`;
  const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: ${hostsOf(1)[0]}`, url];
  for (;;) {
    const curl = kernel.inNamespace(pair.client, () =>
      spawn('curl', args, { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    let said = '';
    curl.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(curl, 'close');
    if (said === '200') return;
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${programs.wrk}: port ${port} does not answer (${said})`);
    }
    await sleep(50);
  }
}
