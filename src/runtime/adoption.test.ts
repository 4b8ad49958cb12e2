import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ContainerStatus } from './runtime.ts';
import { purgeContainers } from './oci/purge.ts';
import { identify } from './process-identity.ts';
import { makeTestPod, type TestPod } from './testing/pod.ts';
import { Collector, exitOf, until } from './testing/streams.ts';

const runtimeModule = fileURLToPath(new URL('create-runtime.ts', import.meta.url));
const kernelModule = fileURLToPath(new URL('../kernel/index.ts', import.meta.url));

describe('a new runtime over the same directory', () => {
  let pod: TestPod;
  before(() => {
    pod = makeTestPod();
  });
  after(async () => {
    await pod.remove();
  });

  it('adopts what runs: processes, connections, exit codes', async () => {
    const first = await pod.openRuntime();
    const args = ['nc', '-l', '-p', '9000', '-e', 'cat'];
    const { pid } = await first.run(pod.spec('echo', args));
    await until(() => isListening(pod, 9000));
    // Not before: a socket that is not connected at once is read from, and fails.
    const socket = new Socket({ fd: pod.kernel.openTcp(pod.namespaces.net, 4) });
    socket.connect(9000, '127.0.0.1');
    await once(socket, 'connect');
    const answers = new Collector();
    socket.pipe(answers);
    socket.write('before\n');
    await answers.waitFor(/before/);
    await first.close();

    const second = await pod.openRuntime();
    const [adopted] = await second.list();
    equal(adopted?.state, 'running');
    equal(adopted.pid, pid);
    deepEqual(adopted.labels, { pod: 'web-0' });
    socket.write('after\n');
    await answers.waitFor(/after/);
    equal((await second.execSync('echo', ['echo', 'still'], 5000)).output, 'still\n');
    socket.end();
    equal((await exitOf(second, 'echo')).exitCode, 0);
    await second.remove('echo');
    await second.close();
  });

  it('tells what exited meanwhile', async () => {
    const first = await pod.openRuntime();
    const go = join(pod.directory, 'go');
    const mounts = [{ hostPath: pod.directory, containerPath: '/shared', readOnly: true }];
    const script = 'until [ -e /shared/go ]; do sleep 0.02; done; exit 9';
    await first.run(pod.spec('ends', ['sh', '-c', script], { mounts }));
    await first.close();
    writeFileSync(go, '');
    await until(() => existsSync(join(pod.directory, 'runtime/exits/ends')));

    const second = await pod.openRuntime();
    const [status] = await second.list();
    equal(status?.state, 'exited');
    equal(status.exitCode, 9);
    await second.remove('ends');
    await second.close();
  });

  it('knows a container that nobody supervised to its end', async () => {
    const first = await pod.openRuntime();
    const { pid } = await first.run(pod.spec('orphan', ['sleep', '3600']));
    await first.close();
    process.kill(conmonOf(pod, 'orphan'), 'SIGKILL');
    process.kill(Number(pid), 'SIGKILL');
    await until(() => identify(Number(pid)) === undefined);
    const second = await pod.openRuntime();
    const [status] = await second.list();
    equal(status?.exitCode, 137);
    match(status.message ?? '', /nothing supervised/);
    await second.remove('orphan');
    await second.close();
  });

  it('stops a container whose conmon was killed', async () => {
    const runtime = await pod.openRuntime();
    await runtime.run(pod.spec('widow', ['sleep', '3600']));
    const exits: ContainerStatus[] = [];
    runtime.onExit((status) => exits.push(status));
    process.kill(conmonOf(pod, 'widow'), 'SIGKILL');
    equal((await runtime.stop('widow', 0)).state, 'exited');
    equal(exits.length, 1);
    await runtime.remove('widow');
    await runtime.close();
  });
});

/** Starts a daemon that runs containers; resolves when it has said that it is at `stage`. */
async function startDaemon(
  pod: TestPod,
  ids: readonly string[],
  stage: string,
): Promise<ChildProcess> {
  const specs = ids.map((id) => pod.spec(id, ['sleep', '3600']));
  const options = { directory: join(pod.directory, 'runtime'), cgroupRoot: pod.cgroupRoot };
  const script = `
    import { createContainerRuntime } from ${JSON.stringify(runtimeModule)};
    import { createKernel } from ${JSON.stringify(kernelModule)};
    const options = ${JSON.stringify(options)};
    const runtime = await createContainerRuntime({ ...options, kernel: createKernel() });
    const runs = ${JSON.stringify(specs)}.map((spec) => runtime.run(spec));
    await Promise.any(runs);
    console.log('some');
    await Promise.all(runs);
    console.log('all');
    setInterval(() => {}, 1000);`;
  const daemon = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = new Collector();
  daemon.stdout.pipe(said);
  await said.waitFor(new RegExp(stage));
  return daemon;
}

async function killDaemon(daemon: ChildProcess): Promise<void> {
  daemon.kill('SIGKILL');
  await once(daemon, 'exit');
}

describe('after kill -9 of the daemon', () => {
  it('purge removes everything', async () => {
    const pod = makeTestPod();
    const directory = join(pod.directory, 'runtime');
    await killDaemon(await startDaemon(pod, ['left-0', 'left-1', 'left-2'], 'all'));
    ok(existsSync(join(directory, 'containers/left-0')));
    await purgeContainers({ directory, cgroupRoot: pod.cgroupRoot, kernel: pod.kernel });
    ok(!existsSync(join(directory, 'containers')));
    // Purging once more is no error.
    await pod.remove();
  });

  const many = Array.from({ length: 12 }, (_, index) => `begun-${index}`);

  it('purge removes what was only begun', async () => {
    const pod = makeTestPod();
    await killDaemon(await startDaemon(pod, many, 'some'));
    await pod.remove();
  });

  it('a new runtime keeps what runs and takes back what was only begun', async () => {
    const pod = makeTestPod();
    await killDaemon(await startDaemon(pod, many, 'some'));
    const runtime = await pod.openRuntime();
    const adopted = await runtime.list();
    ok(adopted.length > 0);
    ok(adopted.every(({ state }) => state === 'running'));
    for (const { id } of adopted) {
      await runtime.stop(id, 0);
      await runtime.remove(id);
    }
    deepEqual(readdirSync(join(pod.directory, 'runtime/containers')), []);
    await runtime.close();
    await pod.remove();
  });
});

function conmonOf(pod: TestPod, id: string): number {
  const file = join(pod.directory, 'runtime/containers', id, 'conmon.pid');
  return Number(readFileSync(file, 'utf8'));
}

/** Whether something listens on a TCP port in the pod (the hexadecimal port of /proc/net/tcp, state 0A). */
function isListening(pod: TestPod, port: number): boolean {
  const line = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const tables = pod.kernel.inNamespace(pod.namespaces.net, () =>
    ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/thread-self/net/${name}`, 'utf8')).join(''),
  );
  return tables.split('\n').some((row) => row.includes(line) && row.includes(' 0A '));
}
