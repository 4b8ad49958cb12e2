import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until, type TestCluster } from './harness.ts';
import type { Job } from './job.ts';
import type { Kubectl } from './kubectl.ts';
import { manifest, pod, webServer } from './manifests.ts';

const onceFailed = `
if [ ! -e /memory/began ]; then
  touch /memory/began
  echo first life
  exit 3
fi
echo second life
exec sleep 2147483647`;

const shell = pod('shell', {
  containers: [
    {
      // What is attached to it is read here, line by line.
      script: 'while read -r line; do echo "got $line"; done',
      stdin: true,
    },
    { name: 'diary', script: 'echo dear diary > /diary; exec tail -f /diary' },
  ],
});
const phoenix = pod('phoenix', {
  containers: [{ script: onceFailed, volumeMounts: [{ name: 'memory', mountPath: '/memory' }] }],
  volumes: [{ name: 'memory', emptyDir: {} }],
});
const web = pod('web', { containers: [webServer] });
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
};

/** Makes the pods that {@link testStreaming} talks to. */
export async function prepareStreaming({ kubectl }: TestCluster): Promise<void> {
  await kubectl.apply(manifest(shell, phoenix, web, service));
  await kubectl.wait('pod', 'condition=Ready', '--all');
}

function checksum(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The local port that a port-forward has chosen. */
async function forwardedPort(job: Job): Promise<string> {
  const [, port = ''] = await job.printed(/Forwarding from 127\.0\.0\.1:(\d+) ->/);
  return port;
}

function testLogs(kubectl: Kubectl): void {
  test('logs -f goes on as the container writes', async () => {
    const job = kubectl.job('logs', '-f', 'shell', '-c', 'diary');
    await job.printed(/^dear diary$/m);
    const line = `written at ${Date.now()}`;
    await kubectl('exec', 'shell', '-c', 'diary', '--', 'sh', '-c', `echo ${line} >> /diary`);
    await job.printed(new RegExp(`^${line}$`, 'm'));
    await job.stop();
  });

  test('logs of this life, of the previous one, and the last lines', async () => {
    const logs = (...args: string[]): Promise<string> => kubectl('logs', ...args);
    await until('the second life', async () =>
      (await logs('phoenix')) === 'second life' ? true : undefined,
    );
    assert.equal(await logs('phoenix', '--previous'), 'first life');
    assert.equal((await logs('shell', '-c', 'diary', '--tail=1')).split('\n').length, 1);
    assert.match(
      await logs('shell', '-c', 'diary', '--timestamps'),
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z dear diary$/m,
    );
    assert.match(await kubectl.fails('logs', 'shell', '-c', 'none'), /container none is not valid/);
    assert.match(await kubectl.fails('logs', 'web', '--previous'), /previous terminated container/);
  });
}

function testExec(kubectl: Kubectl): void {
  test('exec keeps stdout, stderr and the exit code apart', async () => {
    const script = 'echo out; echo err >&2; exit 7';
    const { code, stdout, stderr } = await kubectl.run(['exec', 'web', '--', 'sh', '-c', script]);
    assert.equal(code, 7);
    assert.equal(stdout, 'out\n');
    assert.match(stderr, /^err\ncommand terminated with exit code 7$/m);
  });

  test('exec -i feeds a command to the end of its input', async () => {
    const input = randomBytes(1024 * 1024);
    const printed = await kubectl.fed(input, 'exec', '-i', 'web', '--', 'sha256sum');
    assert.equal(printed.split(' ')[0], checksum(input));
  });

  test('exec of what is not there says so', async () => {
    assert.match(await kubectl.fails('exec', 'web', '--', 'no-such-command'), /no-such-command/);
    assert.match(
      await kubectl.fails('exec', 'nobody', '--', 'true'),
      /^Error from server \(NotFound\): pods "nobody" not found$/,
    );
  });

  test('exec -it is a terminal', async () => {
    const job = kubectl.terminal('exec', '-it', 'web', '--', 'sh');
    await job.printed(/# /);
    job.write('tty; echo the answer is $((6 * 7))\n');
    await job.printed(/\/dev\/pts\/\d+\s+the answer is 42/);
    // As the tutorials type it; the applet of Debian's busybox does not know that flag.
    job.write('wget -qO- --timeout=5 http://127.0.0.1:8080/\n');
    await job.printed(/^page of web/m);
    job.write('exit 5\n');
    assert.equal(await job.ended(), 5);
  });
}

function testFiles(cluster: TestCluster, kubectl: Kubectl): void {
  test('cp carries five megabytes there and back', async () => {
    const content = randomBytes(5 * 1024 * 1024);
    const [there, back] = [join(cluster.home, 'there'), join(cluster.home, 'back')];
    writeFileSync(there, content);
    await kubectl('cp', there, 'web:/tmp/there');
    const [sum] = (await kubectl('exec', 'web', '--', 'sha256sum', '/tmp/there')).split(' ');
    assert.equal(sum, checksum(content));
    await kubectl('cp', 'web:/tmp/there', back);
    assert.equal(checksum(readFileSync(back)), checksum(content));
  });
}

function testForwarding(kubectl: Kubectl): void {
  const page = async (port: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/`)).text();

  for (const [target, port] of [
    ['pod/web', '8080'],
    ['service/web', '80'],
  ] as const) {
    test(`port-forward to ${target}, many connections at a time`, async () => {
      const job = kubectl.job('port-forward', target, `:${port}`);
      const local = await forwardedPort(job);
      const pages = await Promise.all(Array.from({ length: 10 }, () => page(local)));
      assert.deepEqual(new Set(pages), new Set(['page of web\n']));
      await job.stop();
    });
  }

  test('port-forward to a port that nobody listens on says so', async () => {
    const job = kubectl.job('port-forward', 'pod/web', ':9');
    await assert.rejects(page(await forwardedPort(job)));
    await job.printed(/nothing listens on port 9 of localhost/);
    await job.stop();
  });
}

function testAttach(kubectl: Kubectl): void {
  test('attach -i talks to the container itself', async () => {
    const job = kubectl.job('attach', '-i', 'shell', '-c', 'main');
    const word = `word${Date.now()}`;
    // What is typed before the connection stands is kept for it.
    job.write(`${word}\n`);
    await job.printed(new RegExp(`^got ${word}$`, 'm'));
    job.kill();
    assert.match(await kubectl('logs', 'shell', '-c', 'main'), new RegExp(`^got ${word}$`, 'm'));
  });

  test('run --rm -i makes a pod, talks to it and takes it away', async () => {
    const args = ['run', 'guest', '--image=busybox', '--rm', '-i', '--restart=Never', '--quiet'];
    const printed = await kubectl.fed('shout\n', ...args, '--', 'sh', '-c', 'read -r w; echo $w!');
    assert.match(printed, /^shout!$/m);
    await until('the end of the guest', async () =>
      (await kubectl.run(['get', 'pod', 'guest'])).code === 0 ? undefined : true,
    );
  });
}

/** Everything that streams, through one kubectl: SPDY with an old one, WebSocket with a new one. */
export function testStreaming(cluster: TestCluster, kubectl: Kubectl): void {
  describe('logs', () => testLogs(kubectl));
  describe('exec', () => testExec(kubectl));
  describe('cp', () => testFiles(cluster, kubectl));
  describe('port-forward', () => testForwarding(kubectl));
  describe('attach', () => testAttach(kubectl));
}
