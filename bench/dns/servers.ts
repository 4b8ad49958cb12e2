import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Kernel } from '../../src/kernel/index.ts';
import { createBarePair } from '../bare-pair.ts';
import { programEnv } from './programs.ts';
import { ask } from './ask.ts';
import { ZONE, zoneFiles } from './zone.ts';

/** A DNS server that answers, in a namespace of its own, and the namespace beside it to ask from. */
export interface RunningServer extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Pin of the client's namespace. */
  readonly from: string;
  readonly address: string;
}

/** How to run a server in the foreground: with one worker, on the zone of the benchmark. */
export interface ServerKind {
  readonly name: string;
  /** Writes what it needs into an empty folder. */
  readonly command: (place: {
    readonly folder: string;
    readonly address: string;
    readonly netns: string;
  }) => readonly [string, ...string[]];
}

/** Milliseconds until a server has to answer. */
const PATIENCE = 20_000;

/** Zone to the file it was written to. */
function writeZones(folder: string): [string, string][] {
  return [...zoneFiles()].map(([zone, text]) => {
    const file = join(folder, `${zone}zone`);
    writeFileSync(file, text);
    return [zone, file];
  });
}

export const portolanServer: ServerKind = {
  name: 'Portolan',
  command: ({ address, netns }) => [
    process.execPath,
    fileURLToPath(new URL('portolan-server.ts', import.meta.url)),
    netns,
    address,
  ],
};

/** named of BIND: no recursion, and answers as short as it can make them. */
export function bindServer(program: string): ServerKind {
  return {
    name: 'BIND',
    command({ folder, address }) {
      // A copy: a profile of AppArmor goes by the path, and Debian's lets named read no folder but its own.
      const copy = join(folder, 'named');
      copyFileSync(program, copy);
      const config = join(folder, 'named.conf');
      const zones = writeZones(folder).map(
        ([zone, file]) => `zone "${zone}" { type primary; file "${file}"; };`,
      );
      const text = `options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key";
  listen-on { ${address}; }; listen-on-v6 { none; };
  recursion no; minimal-responses yes; notify no; empty-zones-enable no; dnssec-validation no;
};
controls {};
${zones.join('\n')}
`;
      writeFileSync(config, text);
      return [copy, '-g', '-n', '1', '-u', 'root', '-c', config];
    },
  };
}

/** nsd with one server process. */
export function nsdServer(program: string): ServerKind {
  return {
    name: 'NSD',
    command({ folder, address }) {
      const config = join(folder, 'nsd.conf');
      const zones = writeZones(folder).map(
        ([zone, file]) => `zone:\n  name: "${zone}"\n  zonefile: "${file}"`,
      );
      const text = `server:
  server-count: 1
  ip-address: ${address}
  username: ""
  database: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${zones.join('\n')}
`;
      writeFileSync(config, text);
      return [program, '-d', '-c', config];
    },
  };
}

async function whenAnswering(
  kernel: Kernel,
  server: Omit<RunningServer, 'pid' | keyof AsyncDisposable>,
  child: ChildProcess,
): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const response = await ask(kernel, server, `ns.dns.${ZONE} A`).catch(() => undefined);
    if (response !== undefined) return;
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${server.name} does not answer (exit code ${child.exitCode})`);
    }
    await sleep(20);
  }
}

/** Starts a server beside a namespace to ask from; resolves when it answers. Its end removes all of it. */
export async function startServer(
  kernel: Kernel,
  { name, command }: ServerKind,
  directory: string,
): Promise<RunningServer> {
  const folder = join(directory, name);
  mkdirSync(folder);
  await using stack = new AsyncDisposableStack();
  const pair = stack.use(createBarePair(kernel, folder));
  const [program, ...args] = command({ folder, address: pair.serverAddress, netns: pair.server });
  const child = kernel.inNamespace(pair.server, () =>
    spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: programEnv() }),
  );
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const exited = once(child, 'exit');
  stack.defer(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  });
  const server = { name, from: pair.client, address: pair.serverAddress };
  await whenAnswering(kernel, server, child).catch((error: unknown) => {
    throw new Error(`${name}: ${errors.join('').slice(-2000)}`, { cause: error });
  });
  const moved = stack.move();
  return { ...server, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}
