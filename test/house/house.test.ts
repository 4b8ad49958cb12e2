import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as guards from './guards.ts';
import { rooms } from './rooms.ts';
import { readTree } from './source-tree.ts';

const src = join(import.meta.dirname, '..', '..', 'src');
const fixtures = join(import.meta.dirname, 'fixtures');
const order = ['low', 'high'];

interface Guard {
  readonly rule: string;
  /** Names the fixture folder that must fail. */
  readonly fixture: string;
  readonly check: (root: string, order: readonly string[]) => string[];
}

const all: readonly Guard[] = [
  {
    rule: 'a room imports only rooms that stand before it',
    fixture: 'upward',
    check: (root, order) => guards.upwardImports(readTree(root), order),
  },
  {
    rule: 'the order names every room and no other',
    fixture: 'unlisted',
    check: (root, order) => guards.unlistedRooms(root, order),
  },
  {
    rule: 'no import cycles',
    fixture: 'cycle',
    check: (root) => guards.importCycles(readTree(root)),
  },
  {
    rule: 'names are kebab-case',
    fixture: 'names',
    check: (root) => guards.badFileNames(readTree(root)),
  },
  {
    rule: 'every room has an index and a README',
    fixture: 'unfurnished',
    check: (root, order) => guards.unfurnishedRooms(root, order),
  },
  {
    rule: 'no room imports its own index',
    fixture: 'own-index',
    check: (root) => guards.ownIndexImports(readTree(root)),
  },
  {
    rule: 'no ip, nft or iptables process in the product',
    fixture: 'commands',
    check: (root) => guards.networkCommands(readTree(root)),
  },
];

for (const { rule, fixture, check } of all) {
  describe(rule, () => {
    test('holds for src/', () => assert.deepEqual(check(src, rooms), []));
    test('fails for the fixture', () =>
      assert.notDeepEqual(check(join(fixtures, fixture), order), []));
  });
}
