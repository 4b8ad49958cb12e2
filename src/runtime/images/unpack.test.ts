import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tarArchive, type Entry } from '../testing/tar-archive.ts';
import { unpackArchive } from './unpack.ts';

describe('unpackArchive', () => {
  let outer: string;
  let root: string;
  beforeEach(() => {
    outer = mkdtempSync(join(tmpdir(), 'portolan-unpack-'));
    root = join(outer, 'root');
    mkdirSync(root);
  });
  afterEach(() => rmSync(outer, { recursive: true, force: true }));

  const layer = (...entries: Entry[]): Promise<void> => unpack(tarArchive(entries));
  const unpack = (bytes: Buffer): Promise<void> =>
    unpackArchive(Readable.from([bytes]), { root, name: 'layer', hasWhiteouts: true });
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');

  it('keeps owners, modes, times, symbolic and hard links', async () => {
    await layer(
      { path: 'bin', type: 'Directory', mode: 0o755 },
      { path: 'bin/su', content: 'su', mode: 0o4755, uid: 5 },
      { path: 'bin/sh', type: 'SymbolicLink', linkpath: '/bin/su' },
      { path: 'bin/su2', type: 'Link', linkpath: 'bin/su' },
      { path: 'tmp', type: 'Directory', mode: 0o1777 },
      { path: 'dev/null', type: 'CharacterDevice' },
    );
    const su = statSync(join(root, 'bin/su'));
    equal(su.mode & 0o7777, 0o4755);
    equal(su.uid, 5);
    equal(su.mtimeMs, 1e12);
    equal(statSync(join(root, 'bin/su2')).ino, su.ino);
    equal(readlinkSync(join(root, 'bin/sh')), '/bin/su');
    equal(statSync(join(root, 'tmp')).mode & 0o7777, 0o1777);
    equal(statSync(join(root, 'bin')).mtimeMs, 1e12);
    ok(!existsSync(join(root, 'dev/null')));
  });

  it('reads gzip and zstd', async () => {
    await unpack(gzipSync(tarArchive([{ path: 'a', content: 'gz' }])));
    await unpack(zstdCompressSync(tarArchive([{ path: 'b', content: 'zst' }])));
    equal(text('a') + text('b'), 'gzzst');
  });

  it('unpacks files of many blocks', async () => {
    const content = 'x'.repeat(3_000_000);
    await layer({ path: 'big', content }, { path: 'next', content: 'n' });
    equal(text('big').length, content.length);
    equal(text('next'), 'n');
  });

  it('deletes what a whiteout names', async () => {
    await layer(
      { path: 'd/a', content: '1' },
      { path: 'd/b/c', content: '2' },
      { path: 'e', content: '3' },
    );
    await layer({ path: 'd/.wh.a' }, { path: 'd/.wh.b' }, { path: '.wh.gone' });
    deepEqual(readdirSync(join(root, 'd')), []);
    equal(text('e'), '3');
  });

  it('empties an opaque directory but for its own layer, in any order', async () => {
    await layer({ path: 'd/old', content: '1' }, { path: 'd/sub/old', content: '2' });
    await layer(
      { path: 'd/new', content: '3' },
      { path: 'd/sub/new', content: '4' },
      { path: 'd/.wh..wh..opq' },
    );
    deepEqual(readdirSync(join(root, 'd')).sort(), ['new', 'sub']);
    deepEqual(readdirSync(join(root, 'd/sub')), ['new']);
  });

  it('replaces files by directories and back', async () => {
    await layer({ path: 'a', content: '1' }, { path: 'b/c', content: '2' });
    await layer({ path: 'a/x', content: '3' }).then(
      () => ok(false),
      () => {},
    );
    await layer(
      { path: 'a', type: 'Directory' },
      { path: 'a/x', content: '3' },
      { path: 'b', content: '4' },
    );
    equal(text('a/x') + text('b'), '34');
  });

  it('follows links of the image inside the image', async () => {
    await layer(
      { path: 'usr/lib/x', content: '1' },
      { path: 'lib', type: 'SymbolicLink', linkpath: 'usr/lib' },
      { path: 'absolute', type: 'SymbolicLink', linkpath: '/usr' },
    );
    await layer({ path: 'lib/y', content: '2' }, { path: 'absolute/lib/z', content: '3' });
    equal(text('usr/lib/y') + text('usr/lib/z'), '23');
    ok(lstatSync(join(root, 'lib')).isSymbolicLink());
  });

  it('replaces a link, never writes through it', async () => {
    const victim = join(outer, 'victim');
    writeFileSync(victim, 'safe');
    await layer({ path: 'a', type: 'SymbolicLink', linkpath: victim });
    await layer({ path: 'a', content: 'evil' });
    equal(readFileSync(victim, 'utf8'), 'safe');
    equal(text('a'), 'evil');
  });

  it('keeps absolute names and absolute links inside', async () => {
    await layer(
      { path: 'link', type: 'SymbolicLink', linkpath: outer },
      { path: 'link/evil', content: 'x' },
      { path: '/etc/absolute', content: 'y' },
    );
    ok(!existsSync(join(outer, 'evil')));
    equal(text('etc/absolute'), 'y');
  });

  const attacks: Readonly<Record<string, Entry[]>> = {
    'a name with dots': [{ path: '../evil', content: 'x' }],
    'a deep name with dots': [{ path: 'a/b/../../../evil', content: 'x' }],
    'a link out of the image': [
      { path: 'up', type: 'SymbolicLink', linkpath: '../..' },
      { path: 'up/evil', content: 'x' },
    ],
    'a hard link out of the image': [{ path: 'passwd', type: 'Link', linkpath: '../victim' }],
    'a whiteout of what is outside': [{ path: 'a/../../.wh.victim' }],
  };
  for (const [name, entries] of Object.entries(attacks)) {
    it(`refuses ${name}`, async () => {
      writeFileSync(join(outer, 'victim'), 'safe');
      await rejects(layer(...entries), { code: 'IMAGE_UNSAFE_PATH' });
      deepEqual(readdirSync(outer).sort(), ['root', 'victim']);
      equal(statSync(join(outer, 'victim')).nlink, 1);
    });
  }

  it('does not delete through an absolute link', async () => {
    writeFileSync(join(outer, 'victim'), 'safe');
    await layer({ path: 'd', type: 'SymbolicLink', linkpath: outer }, { path: 'd/.wh.victim' });
    ok(existsSync(join(outer, 'victim')));
  });

  it('says what is not an archive', async () => {
    await rejects(unpack(Buffer.from('not a tar archive at all'.repeat(100))), {
      code: 'IMAGE_UNREADABLE',
    });
  });

  it('notices an archive that was cut off', async () => {
    const whole = tarArchive([{ path: 'a', content: 'x'.repeat(5000) }]);
    await rejects(unpack(whole.subarray(0, 2000)), { code: 'IMAGE_UNREADABLE' });
  });
});
