import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { bundlePlaces, freshBundle, stampOf } from './bundle.ts';

const { root } = bundlePlaces;

describe('a bundle', () => {
  let directory: string;
  let source: string;
  let record: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'portolan-bundle-'));
    source = join(directory, 'source.ts');
    record = join(directory, 'current.json');
    writeFileSync(source, 'one');
    writeFileSync(join(directory, 'daemon.mjs'), '');
    write({});
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(changes: { readonly root?: string }): void {
    const inputs = { [relative(root, source)]: stampOf(source) };
    writeFileSync(record, JSON.stringify({ root, directory, inputs, ...changes }));
  }

  test('is used while its sources are as they were', () => {
    assert.equal(freshBundle(record), directory);
  });

  test('is of no use when a source has another content, of another time or length', () => {
    writeFileSync(source, 'two');
    utimesSync(source, 1, 1);
    assert.equal(freshBundle(record), undefined);
    write({});
    writeFileSync(source, 'three');
    utimesSync(source, 1, 1);
    assert.equal(freshBundle(record), undefined);
  });

  test('is of no use when a file of it or a source is gone, when it is of another tree, or when there is none', () => {
    write({ root: '/elsewhere' });
    assert.equal(freshBundle(record), undefined);
    write({});
    rmSync(source);
    assert.equal(freshBundle(record), undefined);
    writeFileSync(source, 'one');
    write({});
    rmSync(join(directory, 'daemon.mjs'));
    assert.equal(freshBundle(record), undefined);
    rmSync(record);
    assert.equal(freshBundle(record), undefined);
  });
});
