import { deepEqual, doesNotMatch, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildBusyboxImage } from '../../../test/images/images.ts';
import type { ImagePolicy, ImageService } from '../runtime.ts';
import { startRegistry } from '../testing/registry.ts';
import { tarArchive } from '../testing/tar-archive.ts';
import { createImageService } from './image-service.ts';

const used = new Set<string>();
const hasSkopeo = spawnSync('skopeo', ['--version']).status === 0;

describe('the image service', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'portolan-images-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const open = (policy: ImagePolicy): ImageService =>
    createImageService({
      directory: join(directory, 'store'),
      policy,
      isInUse: (id) => used.has(id),
    });

  describe('importing', () => {
    it('takes an OCI archive and names it as the archive does', async () => {
      const service = open('strict');
      const [imported] = await service.importArchive(buildBusyboxImage(), {});
      equal(imported?.reference, 'busybox:latest');
      match(imported.id, /^sha256:[0-9a-f]{64}$/);
      const image = await service.resolve('busybox', 'Always');
      equal(image.id, imported.id);
      deepEqual(image.command, ['sh']);
      ok(existsSync(join(image.rootfs ?? '', 'bin/busybox')));
      deepEqual(await service.list(), [imported]);
    });

    it('takes what other tools write', { skip: !hasSkopeo }, async () => {
      const service = open('strict');
      const [original] = await service.importArchive(buildBusyboxImage(), { name: 'original' });
      const from = `oci-archive:${buildBusyboxImage()}`;
      const targets = {
        'docker-archive': `docker-archive:${join(directory, 'docker.tar')}:team/app:1`,
        oci: `oci:${join(directory, 'layout')}:app`,
        zstd: `oci-archive:${join(directory, 'zstd.tar')}:app`,
      };
      for (const [kind, to] of Object.entries(targets)) {
        const flags = kind === 'zstd' ? ['--dest-compress-format', 'zstd'] : [];
        execFileSync('skopeo', ['copy', '-q', '--insecure-policy', ...flags, from, to]);
        const path = to.split(':')[1] ?? '';
        const [image] = await service.importArchive(path, {});
        equal(image?.id, original?.id, kind);
      }
      const names = (await service.list()).map(({ reference }) => reference);
      deepEqual(names, ['app:latest', 'original:latest', 'team/app:1']);
      equal(readdirSync(join(directory, 'store/rootfs')).length, 1, 'one root for all names');
    });

    it('takes a root file system, as directory and as tar', async () => {
      const root = join(directory, 'root');
      mkdirSync(join(root, 'bin'), { recursive: true });
      writeFileSync(join(root, 'bin/serve'), '#!', { mode: 0o755 });
      const service = open('strict');
      const options = {
        entrypoint: ['/bin/serve'],
        command: ['-v'],
        env: ['A=b'],
        ports: ['8080', '53/udp'],
      };
      await service.importArchive(root, { name: 'mine:1', ...options });
      const image = await service.resolve('mine:1', 'IfNotPresent');
      deepEqual(image.entrypoint, ['/bin/serve']);
      deepEqual(image.command, ['-v']);
      deepEqual(image.env, ['A=b']);
      deepEqual(image.exposedPorts, ['8080/tcp', '53/udp']);
      equal(statSync(join(image.rootfs ?? '', 'bin/serve')).mode & 0o777, 0o755);
      equal(statSync(image.rootfs ?? '').mode & 0o777, 0o755);

      const tar = join(directory, 'root.tar.gz');
      writeFileSync(tar, gzipSync(tarArchive([{ path: 'etc/motd', content: 'hi' }])));
      await service.importArchive(tar, { name: 'tarred' });
      const tarred = await service.resolve('tarred', 'IfNotPresent');
      equal(readFileSync(join(tarred.rootfs ?? '', 'etc/motd'), 'utf8'), 'hi');
    });

    it('refuses an attack and keeps nothing of it', async () => {
      const tar = join(directory, 'evil.tar');
      const up = { path: 'up', type: 'SymbolicLink', linkpath: '../../..' } as const;
      writeFileSync(tar, tarArchive([up, { path: 'up/evil', content: 'x' }]));
      const service = open('strict');
      await rejects(service.importArchive(tar, { name: 'evil' }), { code: 'IMAGE_UNSAFE_PATH' });
      deepEqual(await service.list(), []);
      deepEqual(readdirSync(join(directory, 'store/temporary')), []);
    });

    it('says what is wrong with what it is given', async () => {
      const service = open('strict');
      const file = join(directory, 'text');
      writeFileSync(file, 'hello\n'.repeat(200));
      await rejects(service.importArchive(file, { name: 'x' }), { code: 'IMAGE_UNREADABLE' });
      await rejects(service.importArchive(join(directory, 'no'), {}), /does not exist/);
      await rejects(service.importArchive(directory, {}), { code: 'IMAGE_NAME_NEEDED' });
      await rejects(service.importArchive(directory, { name: 'BAD' }), {
        code: 'INVALID_IMAGE_NAME',
      });
    });

    it('removes what nobody uses', async () => {
      const service = open('strict');
      const [image] = await service.importArchive(buildBusyboxImage(), { name: 'app' });
      used.add(image?.id ?? '');
      await rejects(service.remove('app'), { code: 'IMAGE_IN_USE' });
      used.clear();
      await service.remove('app');
      deepEqual(await service.list(), []);
      deepEqual(readdirSync(join(directory, 'store/rootfs')), []);
      await rejects(service.remove('app'), { code: 'IMAGE_NOT_FOUND' });
    });
  });

  it('collects what newer images of the same name left, unless it is used', async () => {
    const service = open('strict');
    const ids: string[] = [];
    for (const content of ['one', 'two', 'three']) {
      const tar = join(directory, 'root.tar');
      writeFileSync(tar, tarArchive([{ path: 'file', content }]));
      const [image] = await service.importArchive(tar, { name: 'app' });
      ids.push(image?.id ?? '');
    }
    service.busybox();
    used.add(ids[0] ?? '');
    await service.collect();
    used.clear();
    const left = readdirSync(join(directory, 'store/rootfs'));
    const expected = [ids[0], ids[2], service.busybox().id].map((id) => id?.replace('sha256:', ''));
    deepEqual(new Set(left), new Set(expected));
  });

  it('collects what a killed pull left, and nothing of one that goes on', async () => {
    const service = open('strict');
    const temporary = join(directory, 'store/temporary');
    for (const name of ['image-old', 'image-new'])
      mkdirSync(join(temporary, name, 'rootfs'), { recursive: true });
    const longAgo = new Date('2020-01-01');
    utimesSync(join(temporary, 'image-old'), longAgo, longAgo);
    await service.collect();
    deepEqual(readdirSync(temporary), ['image-new']);
  });

  describe('the built-in busybox', () => {
    const url = 'http://127.0.0.1:9/';

    it('is what any tag of busybox means', async () => {
      const service = open('strict');
      const image = await service.resolve('busybox:1.36', 'Always');
      equal(image.reference, 'busybox:1.36');
      equal(image.id, service.busybox().id);
      ok(existsSync(join(image.rootfs ?? '', 'bin/sh')));
      notEqual((await open('auto').resolve('team/busybox', 'Never')).kind, 'rootfs');
    });

    for (const [how, args, input] of [
      ['as a program', ['wget', '--timeout=1', url]],
      ['in a script', ['sh', '-c', `wget -T 1 ${url}`]],
      ['in another shell', ['ash', '-c', `exec wget -T1 ${url}`]],
      ['in an interactive shell', ['sh', '-i'], `wget --timeout=1 ${url}\n`],
    ] as const) {
      it(`has a wget with time-outs ${how}`, () => {
        const { rootfs = '', env } = open('strict').busybox();
        const { stderr, signal } = spawnSync('chroot', [rootfs, ...args], {
          env: Object.fromEntries(env.map((entry) => entry.split('=', 2))),
          ...(input === undefined ? {} : { input }),
          encoding: 'utf8',
        });
        equal(signal, null);
        match(stderr, /wget: .*(refused|timed out|unreachable)/);
        doesNotMatch(stderr, /unrecognized option|Segmentation fault/);
      });
    }

    it('says what is missing', async () => {
      const service = createImageService({
        directory: join(directory, 'store'),
        policy: 'auto',
        busyboxBinary: join(directory, 'none'),
      });
      await rejects(service.resolve('busybox', 'Always'), {
        code: 'BUSYBOX_MISSING',
        advice: /apt-get install busybox-static/,
      });
    });
  });

  describe('policies without a network', () => {
    /** Accepts connections and says nothing, as a gateway without a network behind it does. */
    let silent: Server;
    let reference: string;
    beforeEach(async () => {
      silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      reference = `127.0.0.1:${(silent.address() as AddressInfo).port}/shop:1`;
    });
    afterEach(() => silent.close());

    const impatient = (policy: ImagePolicy): ImageService =>
      createImageService({ directory: join(directory, 'store'), policy, connectTimeoutMs: 50 });

    it('auto stands in where a registry says nothing', async () => {
      const { id, kind } = await impatient('auto').resolve(reference, 'Always');
      deepEqual([id, kind], [`stand-in://${reference}`, 'stand-in']);
    });

    it('auto asks a registry that hangs up only once', async () => {
      const service = createImageService({
        directory: join(directory, 'store'),
        policy: 'auto',
        connectTimeoutMs: 30_000,
      });
      let connections = 0;
      silent.on('connection', (socket) => {
        connections += 1;
        socket.destroy();
      });
      const images = await Promise.all(
        Array.from({ length: 20 }, () => service.resolve(reference, 'Always')),
      );
      ok(images.every(({ kind }) => kind === 'stand-in'));
      await service.resolve(reference, 'Always');
      equal(connections, 1);
    });

    it('strict says why', async () => {
      await rejects(impatient('strict').resolve(reference, 'IfNotPresent'), {
        code: 'ERR_IMAGE_PULL',
        message: /registry 127\.0\.0\.1:\d+ cannot be reached/,
      });
      await rejects(impatient('strict').resolve(reference, 'Never'), {
        code: 'ERR_IMAGE_NEVER_PULL',
      });
      await rejects(impatient('strict').resolve('BAD', 'Never'), { code: 'INVALID_IMAGE_NAME' });
    });

    it('stand-in never pulls', async () => {
      let connections = 0;
      silent.on('connection', () => (connections += 1));
      equal((await impatient('stand-in').resolve(reference, 'Always')).kind, 'stand-in');
      equal(connections, 0);
    });
  });

  describe('pulling', () => {
    const layer = (content: string): Buffer => tarArchive([{ path: 'app', content }]);

    it('pulls for this platform with a token, once for all who ask', async () => {
      const registry = await startRegistry(layer('one'));
      const service = open('strict');
      const name = registry.reference('1');
      const [image, same] = await Promise.all([
        service.resolve(name, 'Always'),
        service.resolve(name, 'IfNotPresent'),
      ]);
      equal(image.id, same.id);
      deepEqual(image.command, ['serve']);
      deepEqual(image.exposedPorts, ['8080/tcp']);
      equal(readFileSync(join(image.rootfs ?? '', 'app'), 'utf8'), 'one');
      equal(registry.requests.filter((path) => path.includes('/blobs/')).length, 2);
      await registry.close();
    });

    it('Always takes the newer image, IfNotPresent keeps the old', async () => {
      const registry = await startRegistry(layer('one'));
      const service = open('strict');
      const name = registry.reference('latest');
      const first = await service.resolve(name, 'Always');
      registry.publish(layer('two'));
      equal((await service.resolve(name, 'IfNotPresent')).id, first.id);
      const second = await service.resolve(name, 'Always');
      equal(readFileSync(join(second.rootfs ?? '', 'app'), 'utf8'), 'two');
      await registry.close();
      equal((await service.resolve(name, 'Always')).id, second.id, 'offline the local one is used');
    });

    it('tells a missing image and damaged content', async () => {
      const registry = await startRegistry(layer('one'));
      const service = open('strict');
      await rejects(service.resolve(registry.reference('missing'), 'Always'), {
        code: 'ERR_IMAGE_PULL',
        message: /not found/,
      });
      registry.damage();
      await rejects(service.resolve(registry.reference('1'), 'Always'), /should have the digest/);
      deepEqual(readdirSync(join(directory, 'store/temporary')), []);
      await registry.close();
    });
  });
});
