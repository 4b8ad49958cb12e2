import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  lstatSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import { Fault } from '../../fault/index.ts';
import { kubeconfigText, removeContext, writeContext } from './context.ts';
import { loadContext } from './load.ts';
import { defaultFile, kubeconfigFiles } from './locations.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'portolan-kubeconfig-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const access = {
  server: 'https://127.0.0.1:6443',
  certificateAuthority: 'CA PEM',
  clientCertificate: 'CERTIFICATE PEM',
  clientKey: 'KEY PEM',
};

function file(name: string, text?: string): string {
  const path = join(home, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** What the real kubectl makes of the same files. */
function kubectl(paths: readonly string[], ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: paths.join(delimiter) };
  return execFileSync('kubectl', ['config', ...args], { env, encoding: 'utf8' }).trim();
}

function fault(code: string) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

const work = `# my clusters
apiVersion: v1
kind: Config
current-context: work
clusters:
- name: work
  cluster:
    server: https://work.example   # the one at work
    x-ours: {kept: true}
users:
- name: me
  user: {token: abc}
contexts:
- name: work
  context: {cluster: work, user: me, namespace: shop}
`;

test('looks where kubectl looks', () => {
  assert.deepEqual(kubeconfigFiles({ env: {}, home }), [join(home, '.kube', 'config')]);
  assert.deepEqual(kubeconfigFiles({ env: { KUBECONFIG: 'a::b:a' }, home }), ['a', 'b']);
  assert.deepEqual(kubeconfigFiles({ explicit: 'c', env: { KUBECONFIG: 'a' } }), ['c']);
});

test('new entries go to the first file that exists, else to the last', () => {
  const [one, two] = [file('one'), file('two')];
  assert.equal(defaultFile([one, two]), two);
  writeFileSync(one, '');
  assert.equal(defaultFile([one, two]), one);
});

test('makes the file, for its owner only, and kubectl reads it', async () => {
  const path = await writeContext({ name: 'portolan', access, place: { env: {}, home } });
  assert.equal(path, join(home, '.kube', 'config'));
  assert.equal(mode(path), '600');
  assert.equal(kubectl([path], 'current-context'), 'portolan');
  assert.equal(
    kubectl([path], 'view', '-o', 'jsonpath={.clusters[0].cluster.server}'),
    'https://127.0.0.1:6443',
  );
  assert.equal(existsSync(`${path}.lock`), false);
});

for (const name of ['n', 'on', 'yes', '1e3', '0x1f', '1_000', 'null']) {
  test(`kubectl takes a cluster called ${name} by its name`, async () => {
    const path = await writeContext({ name, access, place: { env: {}, home } });
    assert.equal(kubectl([path], 'current-context'), name);
    assert.equal(kubectl([path], 'get-clusters').split('\n').at(-1), name);
    const old = file('old', work);
    await writeContext({ name, access, place: { env: {}, home, explicit: old } });
    assert.equal(kubectl([old], 'current-context'), name);
  });
}

test('keeps everything else of a file: comments, order, unknown fields, mode', async () => {
  const path = file('config', work);
  chmodSync(path, 0o640);
  await writeContext({ name: 'portolan', access, place: { explicit: path } });
  const text = readFileSync(path, 'utf8');
  assert.match(text, /^# my clusters/);
  assert.match(text, /server: https:\/\/work\.example # the one at work/);
  assert.match(text, /x-ours: *\{ ?kept: true ?\}/);
  assert.equal(mode(path), '640');
  assert.equal(kubectl([path], 'current-context'), 'portolan');
  assert.equal(kubectl([path], 'get-contexts', '-o', 'name'), 'portolan\nwork');
  await removeContext({ name: 'portolan', place: { explicit: path } });
  const after = readFileSync(path, 'utf8');
  assert.doesNotMatch(after, /portolan/);
  assert.match(after, /# the one at work/);
  assert.equal(kubectl([path], 'get-contexts', '-o', 'name'), 'work');
});

test('writes the same entry again in the file that has it, keeping the fields it does not own', async () => {
  const one = file('one', work);
  const two = file('two');
  const place = { env: { KUBECONFIG: [two, one].join(delimiter) }, home };
  await writeContext({ name: 'portolan', access, place });
  assert.equal(existsSync(two), false);
  kubectl([one], 'set-context', 'portolan', '--namespace=shop');
  writeFileSync(two, 'apiVersion: v1\nkind: Config\n');
  await writeContext({
    name: 'portolan',
    access: { ...access, server: 'https://127.0.0.1:7443' },
    place,
  });
  const loaded = loadContext(place, 'portolan');
  assert.equal(loaded.options.server, 'https://127.0.0.1:7443');
  assert.equal(loaded.namespace, 'shop');
  assert.doesNotMatch(readFileSync(two, 'utf8'), /7443/);
});

test('nothing is written when there is nothing to remove', async () => {
  const path = file('config', work);
  await removeContext({ name: 'portolan', place: { explicit: path } });
  await removeContext({ name: 'portolan', place: { explicit: file('missing') } });
  assert.equal(readFileSync(path, 'utf8'), work);
  assert.equal(existsSync(file('missing')), false);
});

test('follows a symbolic link instead of replacing it', async () => {
  const target = file('target', work);
  const link = file('link');
  symlinkSync(target, link);
  await writeContext({ name: 'portolan', access, place: { explicit: link } });
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.match(readFileSync(target, 'utf8'), /portolan/);
});

test('loads certificates from data and from files beside the kubeconfig', () => {
  const path = file('config', kubeconfigText('portolan', access));
  assert.deepEqual(loadContext({ explicit: path }).options, access);
  file('ca.pem', 'FILE PEM');
  const other = file(
    'other',
    work.replace('x-ours: {kept: true}', 'certificate-authority: ca.pem'),
  );
  assert.deepEqual(loadContext({ explicit: other }).options, {
    server: 'https://work.example',
    certificateAuthority: 'FILE PEM',
    token: 'abc',
  });
});

test('says what is wrong and where', async () => {
  const broken = file('broken', 'clusters: [\n');
  assert.throws(() => loadContext({ explicit: broken }), fault('KUBECONFIG_INVALID'));
  assert.throws(
    () => loadContext({ explicit: file('missing') }, 'x'),
    fault('KUBECONFIG_INCOMPLETE'),
  );
  const exec = file('exec', work.replace('{token: abc}', '{exec: {command: aws}}'));
  assert.throws(() => loadContext({ explicit: exec }), fault('KUBECONFIG_UNSUPPORTED'));
  await assert.rejects(
    writeContext({ name: 'portolan', access, place: { explicit: broken } }),
    fault('KUBECONFIG_INVALID'),
  );
  assert.equal(readFileSync(broken, 'utf8'), 'clusters: [\n');
});

test('waits for another writer’s lock, and gives up with its name', async () => {
  const path = file('config', work);
  const lock = file('config.lock', '');
  const clock = new FakeClock();
  const writing = writeContext({ name: 'portolan', access, place: { explicit: path }, clock });
  await clock.advance(100);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /portolan/);
  rmSync(lock);
  await clock.advance(1000);
  await writing;
  assert.match(readFileSync(path, 'utf8'), /portolan/);

  writeFileSync(lock, '');
  const refused = assert.rejects(
    removeContext({ name: 'portolan', place: { explicit: path }, clock }),
    fault('KUBECONFIG_LOCKED'),
  );
  await clock.advance(10_000);
  await refused;
});
