import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Fault } from '../fault/index.ts';
import { findLink, listLinks } from '../netlink/index.ts';
import { TestKernel } from './testing/test-kernel.ts';

const threadNamespaces = () =>
  ['net', 'uts', 'ipc'].map((type) => readlinkSync(`/proc/thread-self/ns/${type}`));
const ownNetwork = () => readlinkSync('/proc/thread-self/ns/net');

describe('the kernel', () => {
  let world: TestKernel;
  const home = threadNamespaces();
  before(() => (world = new TestKernel()));
  after(() => {
    assert.deepEqual(threadNamespaces(), home);
    world.dispose();
    assert.deepEqual(world.mounts(), []);
  });

  describe('createNetworkNamespace', () => {
    test('pins a namespace with nothing in it but a loopback that is up', () => {
      const path = world.namespace('fresh');
      assert.ok(world.mounts().includes(path));
      const [loopback, ...others] = listLinks(world.connect(path));
      assert.deepEqual([loopback?.name, loopback?.up, loopback?.loopback], ['lo', true, true]);
      assert.deepEqual(others, []);
    });

    test('refuses a path that is taken, and leaves it alone', () => {
      const path = join(world.directory, 'taken');
      writeFileSync(path, 'mine');
      assert.throws(() => world.kernel.createNetworkNamespace(path), {
        code: 'PIN_FAILED',
        message: /taken/,
      });
      assert.ok(!world.mounts().includes(path) && existsSync(path));
    });
  });

  describe('createSandbox', () => {
    test('pins three namespaces; the hostname is in one of them only', () => {
      const paths = { net: world.pin('net'), uts: world.pin('uts'), ipc: world.pin('ipc') };
      const before = hostname();
      world.kernel.createSandbox(paths, 'web-0');
      assert.equal(run(`--uts=${paths.uts}`, 'hostname'), 'web-0\n');
      assert.equal(hostname(), before);
      const inside = run(`--ipc=${paths.ipc}`, 'readlink', '/proc/self/ns/ipc').trim();
      assert.notEqual(inside, readlinkSync('/proc/self/ns/ipc'));
      assert.ok(findLink(world.connect(paths.net), 'lo')?.up);
    });

    test('makes all or nothing', () => {
      const ipc = join(world.directory, 'missing', 'ipc');
      const paths = { net: world.pin('net2'), uts: world.pin('uts2'), ipc };
      assert.throws(() => world.kernel.createSandbox(paths, 'web-1'), { code: 'PIN_FAILED' });
      for (const path of [paths.net, paths.uts]) {
        assert.ok(!existsSync(path) && !world.mounts().includes(path));
      }
      assert.deepEqual(threadNamespaces(), home);
    });
  });

  describe('deleteNamespace', () => {
    test('takes the pin away, and does nothing when it is gone', () => {
      const path = world.namespace('doomed');
      for (let turn = 0; turn < 2; turn += 1) {
        world.kernel.deleteNamespace(path);
        assert.ok(!existsSync(path) && !world.mounts().includes(path));
      }
    });
  });

  describe('inNamespace', () => {
    test('runs the body there and comes back', () => {
      const path = world.namespace('there');
      const inside = world.kernel.inNamespace(path, ownNetwork);
      assert.notEqual(inside, ownNetwork());
      assert.equal(inside, run(`--net=${path}`, 'readlink', '/proc/self/ns/net').trim());
    });

    test('may be nested, in any order', () => {
      const [one, two] = [world.namespace('one'), world.namespace('two')];
      const { kernel } = world;
      const [expectedOne, expectedTwo] = [one, two].map((path) =>
        kernel.inNamespace(path, ownNetwork),
      );
      const seen = kernel.inNamespace(one, () => [
        kernel.inNamespace(two, ownNetwork),
        kernel.inNamespace(undefined, ownNetwork),
        ownNetwork(),
      ]);
      assert.deepEqual(seen, [expectedTwo, home[0], expectedOne]);
      assert.equal(ownNetwork(), home[0]);
    });

    test('comes back when the body throws', () => {
      const failure = new Error('inside');
      const path = world.namespace('throwing');
      assert.throws(
        () =>
          world.kernel.inNamespace(path, () => {
            throw failure;
          }),
        failure,
      );
      assert.equal(ownNetwork(), home[0]);
    });

    test('refuses an async body', () => {
      const path = world.namespace('async');
      assert.throws(() => world.kernel.inNamespace(path, async () => {}), {
        code: 'ASYNC_IN_NAMESPACE',
      });
      assert.equal(ownNetwork(), home[0]);
    });

    test('names what it cannot enter', () => {
      const nothing = join(world.directory, 'nothing');
      assert.throws(() => world.kernel.inNamespace(nothing, () => 1), {
        code: 'NAMESPACE_NOT_FOUND',
        message: /nothing/,
      });
      const file = join(world.directory, 'file');
      writeFileSync(file, '');
      assert.throws(
        () => world.kernel.inNamespace(file, () => 1),
        (error) =>
          error instanceof Fault && /enter network namespace .*file: EINVAL/.test(error.message),
      );
      assert.equal(ownNetwork(), home[0]);
    });

    test('moves the calling thread only', async () => {
      const path = world.namespace('thread');
      const program = `
        const { parentPort } = require('node:worker_threads');
        parentPort.on('message', () => {
          parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self/ns/net'));
          parentPort.close();
        });`;
      const worker = new Worker(program, { eval: true });
      await new Promise((online) => worker.once('online', online));
      const answer = new Promise((resolve) => worker.once('message', resolve));
      world.kernel.inNamespace(path, () => {
        worker.postMessage('where are you?', []);
        // The worker answers while this thread is away.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      });
      assert.equal(await answer, home[0]);
    });
  });
});

/** Runs a command with nsenter and returns its output. */
function run(...nsenterArguments: readonly string[]): string {
  return execFileSync('nsenter', [...nsenterArguments], { encoding: 'utf8' });
}
