import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ContainerRuntime } from '../runtime.ts';
import { makeTestPod, type TestPod } from '../testing/pod.ts';
import { clientStreams, Collector, exitOf, until } from '../testing/streams.ts';

const forever = ['sleep', '3600'];

describe('containers under runc and conmon', () => {
  let pod: TestPod;
  let runtime: ContainerRuntime;
  before(async () => {
    pod = makeTestPod();
    runtime = await pod.openRuntime();
  });
  after(async () => {
    await runtime.close();
    await pod.remove();
  });

  it('runs a command, keeps its log in CRI format and its exit code', async () => {
    const started = await runtime.run(
      pod.spec('exits', ['sh', '-c', 'echo out; echo err >&2; exit 3']),
    );
    equal(started.id, 'exits');
    const status = await exitOf(runtime, 'exits');
    equal(status.state, 'exited');
    equal(status.exitCode, 3);
    equal(status.reason, 'Error');
    deepEqual(status.labels, { pod: 'web-0' });
    ok((status.finishedAt ?? 0) >= (status.startedAt ?? Infinity));
    const lines = pod.log('exits').trim().split('\n').sort();
    match(lines.join('\n'), /^\S+ stdout F out$/m);
    match(lines.join('\n'), /^\S+ stderr F err$/m);
    await runtime.remove('exits');
    ok(!existsSync(join(pod.directory, 'runtime/containers/exits')));
    ok(pod.log('exits') !== '', 'the log stays');
  });

  it('says success is Completed', async () => {
    await runtime.run(pod.spec('completes', ['true']));
    equal((await exitOf(runtime, 'completes')).reason, 'Completed');
    await runtime.remove('completes');
  });

  it("fails with runc's own words and leaves nothing", async () => {
    await rejects(runtime.run(pod.spec('nope', ['nope'])), {
      code: 'CONTAINER_CANNOT_RUN',
      message: /exec: "nope": executable file not found in \$PATH$/,
    });
    ok(!existsSync(join(pod.directory, 'runtime/containers/nope')));
    equal(
      (await runtime.list()).some(({ id }) => id === 'nope'),
      false,
    );
  });

  it('says what is wrong with the image or the mounts, and leaves nothing', async () => {
    const image = { ...pod.busybox, rootfs: join(pod.directory, 'missing') };
    await rejects(runtime.run(pod.spec('rootless', ['true'], { image })), {
      code: 'CONTAINER_CANNOT_RUN',
      message: /mount/,
    });
    const user = { ...pod.busybox, user: 'stranger' };
    await rejects(runtime.run(pod.spec('stranger', ['true'], { image: user })), {
      code: 'CONTAINER_CANNOT_RUN',
      message: /unable to find user stranger/,
    });
    const mounts = [{ hostPath: '/does/not/exist', containerPath: '/data', readOnly: true }];
    await rejects(runtime.run(pod.spec('mountless', ['true'], { mounts })), {
      code: 'CONTAINER_CANNOT_RUN',
      message: /does\/not\/exist/,
    });
    for (const id of ['rootless', 'stranger', 'mountless']) {
      ok(!existsSync(join(pod.directory, 'runtime/containers', id)), id);
    }
  });

  it('stops by the stop signal', async () => {
    const image = { ...pod.busybox, stopSignal: 'SIGQUIT' };
    const script = 'trap "exit 7" QUIT; echo ready; while :; do sleep 0.05; done';
    await runtime.run(pod.spec('stops', ['sh', '-c', script], { image }));
    await until(() => pod.log('stops').includes('ready'));
    const status = await runtime.stop('stops', 30);
    equal(status.exitCode, 7);
    await runtime.remove('stops');
  });

  it('kills what does not stop', async () => {
    // The first process of a PID namespace gets no signal that it does not handle.
    await runtime.run(pod.spec('stays', forever));
    const status = await runtime.stop('stays', 0.05);
    equal(status.exitCode, 137);
    await runtime.remove('stays');
  });

  it('refuses to remove a running container', async () => {
    await runtime.run(pod.spec('running', forever));
    await rejects(runtime.remove('running'), { code: 'CONTAINER_RUNNING' });
    await runtime.stop('running', 0);
    await runtime.remove('running');
  });

  it('returns the termination message', async () => {
    const file = join(pod.directory, 'termination');
    writeFileSync(file, '');
    const mounts = [{ hostPath: file, containerPath: '/dev/termination-log', readOnly: false }];
    const args = ['sh', '-c', 'echo -n good bye > /dev/termination-log; exit 1'];
    await runtime.run(pod.spec('speaks', args, { mounts, terminationMessagePath: file }));
    equal((await exitOf(runtime, 'speaks')).message, 'good bye');
    await runtime.remove('speaks');
  });

  it('starts thirty at a time', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `many-${index}`);
    const started = await Promise.all(ids.map((id) => runtime.run(pod.spec(id, forever))));
    ok(started.every(({ state }) => state === 'running'));
    await Promise.all(
      ids.map(async (id) => {
        await runtime.stop(id, 0);
        await runtime.remove(id);
      }),
    );
  });

  describe('commands in a running container', () => {
    before(async () => {
      await runtime.run(pod.spec('shell', forever));
    });
    after(async () => {
      await runtime.stop('shell', 0);
      await runtime.remove('shell');
    });

    it('pipes streams and ends the input', async () => {
      const client = clientStreams(false);
      const exit = runtime.exec('shell', ['sh', '-c', 'cat; echo bad >&2; exit 4'], client);
      client.stdin.end('through the pipe');
      equal(await exit, 4);
      equal(client.stdout.text, 'through the pipe');
      equal(client.stderr.text, 'bad\n');
    });

    it('carries megabytes whole', async () => {
      const client = clientStreams(false);
      const exit = runtime.exec('shell', ['sh', '-c', 'cat | wc -c'], client);
      client.stdin.end(Buffer.alloc(3_000_000));
      equal(await exit, 0);
      equal(client.stdout.text.trim(), '3000000');
    });

    it('gives a terminal of the size of the client, and follows it', async () => {
      const client = clientStreams(true);
      const exit = runtime.exec('shell', ['sh'], client);
      client.resize(101, 37);
      client.stdin.write(
        'until [ "$(stty size)" = "37 101" ]; do :; done; echo "first-$(stty size)"\n',
      );
      await client.stdout.waitFor(/first-37 101/);
      client.resize(60, 20);
      client.stdin.write(
        'until [ "$(stty size)" = "20 60" ]; do :; done; echo "then-$(stty size)"; exit 5\n',
      );
      equal(await exit, 5);
      match(client.stdout.text, /then-20 60/);
    });

    it('ends with the terminal output of a command complete', async () => {
      const client = clientStreams(true);
      equal(await runtime.exec('shell', ['seq', '1', '2000'], client), 0);
      match(client.stdout.text, /\n2000\r\n$/);
    });

    it('kills the command when the client goes', async () => {
      const controller = new AbortController();
      const client = { ...clientStreams(false), signal: controller.signal };
      const exit = runtime.exec('shell', ['sh', '-c', 'echo here; sleep 1234'], client);
      await client.stdout.waitFor(/here/);
      controller.abort();
      await exit;
      const { output } = await runtime.execSync('shell', ['ps'], 5000);
      ok(!output.includes('1234'), output);
    });

    it("says in runc's words what cannot be started", async () => {
      await rejects(runtime.execSync('shell', ['nope'], 5000), {
        code: 'EXEC_FAILED',
        message: /exec: "nope": executable file not found in \$PATH$/,
      });
    });

    it('kills a probe that takes too long', async () => {
      await rejects(runtime.execSync('shell', ['sleep', '4321'], 100), { code: 'EXEC_TIMEOUT' });
      const { output } = await runtime.execSync('shell', ['ps'], 5000);
      ok(!output.includes('4321'), output);
    });

    it('refuses what is not there', async () => {
      await rejects(runtime.execSync('ghost', ['true'], 100), { code: 'CONTAINER_NOT_FOUND' });
    });
  });

  describe('attaching', () => {
    it('connects stdin, stdout and stderr', async () => {
      const args = ['sh', '-c', 'while read line; do echo "got $line"; echo bad >&2; done; exit 6'];
      await runtime.run(pod.spec('reads', args, { stdin: true, stdinOnce: true }));
      const client = clientStreams(false);
      const attached = runtime.attach('reads', client);
      client.stdin.write('one\n');
      await client.stdout.waitFor(/got one/);
      client.stdin.end('two\n');
      await attached;
      equal(client.stdout.text, 'got one\ngot two\n');
      equal(client.stderr.text, 'bad\nbad\n');
      equal((await exitOf(runtime, 'reads')).exitCode, 6);
      await runtime.remove('reads');
    });

    it('leaves the container alone when the client goes', async () => {
      const args = ['sh', '-c', 'while read line; do echo "got $line"; done'];
      await runtime.run(pod.spec('kept', args, { stdin: true }));
      const controller = new AbortController();
      const first = { ...clientStreams(false), signal: controller.signal };
      const attached = runtime.attach('kept', first);
      first.stdin.write('one\n');
      await first.stdout.waitFor(/got one/);
      controller.abort();
      await attached;
      const second = clientStreams(false);
      const again = runtime.attach('kept', second);
      second.stdin.write('two\n');
      await second.stdout.waitFor(/got two/);
      await runtime.stop('kept', 0);
      await again;
      await runtime.remove('kept');
    });

    it('resizes a terminal', async () => {
      await runtime.run(pod.spec('term', ['sh'], { stdin: true, tty: true }));
      const client = clientStreams(true);
      const attached = runtime.attach('term', client);
      client.resize(77, 22);
      client.stdin.write(
        'until [ "$(stty size)" = "22 77" ]; do :; done; echo "size-$(stty size)"; exit\n',
      );
      await client.stdout.waitFor(/size-22 77/);
      await attached;
      await exitOf(runtime, 'term');
      await runtime.remove('term');
    });
  });

  it('joins the namespaces of the pod', async () => {
    await runtime.run(pod.spec('joined', ['sh', '-c', 'hostname; cat /proc/net/dev | wc -l']));
    await exitOf(runtime, 'joined');
    // Two heading lines and the loopback.
    match(pod.log('joined'), /stdout F web-0\n.* stdout F 3\n/);
    await runtime.remove('joined');
  });

  it('begins a log anew when it grows too large', async () => {
    const other = makeTestPod();
    const small = await other.openRuntime({ logSizeBytes: 2000 });
    await small.run(other.spec('chatty', ['seq', '1', '500']));
    await exitOf(small, 'chatty');
    const log = readFileSync(join(other.directory, 'logs/chatty.log'), 'utf8');
    ok(log.length <= 2000, `${log.length} bytes`);
    match(log, / stdout F 500\n$/);
    await small.close();
    await other.remove();
  });

  it('streams output to a client that has no stderr', async () => {
    await runtime.run(pod.spec('half', forever));
    const stdout = new Collector();
    equal(
      await runtime.exec('half', ['sh', '-c', 'echo a; echo b >&2'], { stdout, tty: false }),
      0,
    );
    equal(stdout.text, 'a\n');
    await runtime.stop('half', 0);
    await runtime.remove('half');
  });
});
