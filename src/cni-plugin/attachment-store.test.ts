import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { formatAddress } from '../ip/index.ts';
import { readRanges } from './address-ranges.ts';
import { AttachmentStore } from './attachment-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-cni-store-'));
after(() => rmSync(folder, { recursive: true }));

let store: AttachmentStore;
let networks = 0;
const settings = (subnet: string) => ({
  cniVersion: '1.0.0',
  name: `net${networks}`,
  ipam: { subnet, dataDir: folder },
});
const key = (containerID: string) => ({ containerID, ifname: 'eth0' });

beforeEach(() => {
  networks += 1;
  store = new AttachmentStore(settings('10.1.0.0/29'));
  store.prepare();
});

function reserve(containerID: string): string {
  const [set = []] = readRanges(settings('10.1.0.0/29'));
  return formatAddress(store.reserve(key(containerID), set, 0));
}

describe('what a network remembers', () => {
  test('an address goes round before it is given again', () => {
    assert.equal(reserve('a'), '10.1.0.1');
    store.close(key('a'));
    assert.equal(reserve('b'), '10.1.0.2');
    assert.deepEqual(store.addressesOf(key('b')), ['10.1.0.2']);
    assert.deepEqual(store.addressesOf(key('a')), []);
  });

  test('a full range says so, and has room again', () => {
    const [set = []] = readRanges(settings('10.1.0.0/29'));
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) reserve(name);
    assert.ok(!store.hasRoom(set));
    assert.throws(() => reserve('g'), {
      number: 11,
      message: `no address is left in range set 0 of network net${networks}`,
    });
    store.close(key('c'));
    assert.ok(store.hasRoom(set));
    assert.equal(reserve('g'), '10.1.0.3');
  });

  test('a connection is made once', () => {
    store.open(key('a'));
    assert.throws(() => store.open(key('a')), {
      number: 4,
      message: /^a has eth0 in network net\d+ already$/,
    });
    store.open({ containerID: 'a', ifname: 'net1' });
    assert.equal(store.list().length, 2);
    store.close(key('a'));
    store.close(key('a'));
    assert.deepEqual(store.list(), [{ containerID: 'a', ifname: 'net1' }]);
  });

  test('what a killed call left is no connection', () => {
    store.open(key('a'));
    // What `createFile` writes before it gives the file its name.
    writeFileSync(join(folder, `net${networks}`, 'attachments', '.0123456789abcdef.tmp'), '{"cont');
    assert.deepEqual(store.list(), [key('a')]);
  });

  test('addresses of nobody are freed', () => {
    reserve('a');
    reserve('b');
    store.freeStrays([key('b')]);
    assert.deepEqual(
      [store.addressesOf(key('a')), store.addressesOf(key('b'))],
      [[], ['10.1.0.2']],
    );
  });

  test('names of wires fit the kernel and differ', () => {
    const names = ['a', 'b'].map((name) => store.linkName(key(name)));
    assert.equal(new Set(names).size, 2);
    for (const name of names) assert.match(name, /^pcni[0-9a-f]{11}$/);
  });
});

test('processes that reserve at the same time get different addresses, and leave nothing half done', async () => {
  const program = `
    import { readRanges } from ${JSON.stringify(join(import.meta.dirname, 'address-ranges.ts'))};
    import { AttachmentStore } from ${JSON.stringify(join(import.meta.dirname, 'attachment-store.ts'))};
    const settings = ${JSON.stringify(settings('10.1.0.0/24'))};
    const store = new AttachmentStore(settings);
    const [set] = readRanges(settings);
    const key = (number) => ({ containerID: process.argv[1] + '-' + number, ifname: 'eth0' });
    for (let number = 0; number < 20; number += 1) store.reserve(key(number), set, 0);
  `;
  const run = promisify(execFile);
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) =>
      run(process.execPath, ['--input-type=module', '--eval', program, name]),
    ),
  );
  const path = join(folder, `net${networks}`);
  assert.equal(readdirSync(join(path, 'addresses')).length, 80);
  assert.deepEqual(readdirSync(path).sort(), ['addresses', 'attachments', 'last-0']);
});
