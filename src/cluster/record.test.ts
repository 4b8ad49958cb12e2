import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { places } from './directories.ts';
import {
  checkClusterName,
  listNames,
  readableRecord,
  readRecord,
  siblingRecords,
  writeRecord,
} from './record.ts';
import { fault, recordOf, TestHome } from './testing/home.ts';

test('names are what a folder, a cgroup and a context can bear', () => {
  for (const name of ['a', 'portolan', 'a-1', 'x'.repeat(40)]) checkClusterName(name);
  for (const name of ['', '-a', 'a-', 'A', 'a.b', '../a', 'x'.repeat(41)]) {
    assert.throws(() => checkClusterName(name), fault('INVALID_CLUSTER_NAME'));
  }
});

test('a record is read as it was written; none is undefined', () => {
  using home = new TestHome();
  assert.equal(readRecord(home.cluster()), undefined);
  writeRecord(home.cluster(), recordOf({ index: 4 }));
  assert.deepEqual(readRecord(home.cluster()), recordOf({ index: 4 }));
});

test('what is no record says so, and does not keep others from going on', () => {
  using home = new TestHome();
  const cluster = home.cluster();
  mkdirSync(cluster.state, { recursive: true });
  for (const text of ['', '{', 'null', '[]', '{"name":"portolan"}']) {
    writeFileSync(places.record(cluster), text);
    assert.throws(() => readRecord(cluster), fault('CLUSTER_RECORD_BROKEN'));
    assert.equal(readableRecord(cluster), undefined);
  }
});

test('a record of a newer Portolan is left alone', () => {
  using home = new TestHome();
  writeRecord(home.cluster(), recordOf({ format: 2 }));
  assert.throws(() => readRecord(home.cluster()), fault('CLUSTER_RECORD_NEWER'));
});

test('clusters are listed also when only a part of them is left', () => {
  using home = new TestHome();
  assert.deepEqual(listNames(home.all), []);
  writeRecord(home.cluster('b'), recordOf({ name: 'b' }));
  mkdirSync(home.cluster('a').run, { recursive: true });
  mkdirSync(home.cluster('c').state, { recursive: true });
  writeFileSync(`${home.all.clusters}/stray`, '');
  assert.deepEqual(listNames(home.all), ['a', 'b', 'c']);
});

test('siblings are the other clusters with a record that can be read', () => {
  using home = new TestHome();
  writeRecord(home.cluster('a'), recordOf({ name: 'a', index: 1 }));
  writeRecord(home.cluster('b'), recordOf({ name: 'b', index: 2 }));
  writeRecord(home.cluster('c'), recordOf({ name: 'c', format: 9 }));
  assert.deepEqual(
    siblingRecords(home.cluster('a')).map(({ name }) => name),
    ['b'],
  );
});
