import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { rulesetText, type ChainContents } from '../../nft/index.ts';
import { baseChains } from '../base-table.ts';
import { setsOf } from '../layout.ts';
import { TABLE } from '../settings.ts';
import type { Balancing } from '../settings.ts';
import {
  shapeName,
  type LocalShape,
  type PickShape,
  type SessionShape,
  type Shape,
} from '../shape.ts';
import { sendChain } from './send.ts';
import { shapeChain } from './shape-chain.ts';

/** linux/netfilter/nf_tables.h, less the closing zero. */
const NFT_NAME_MAXLEN = 255;

/** The nft text in the comment of a chain's file: the lines indented as code. */
function documented(file: string): string[] {
  const source = readFileSync(new URL(file, import.meta.url), 'utf8');
  return [...source.matchAll(/^ \* {5}(\S.*)$/gm)].map(([, line = '']) => line);
}

/** What a chain prints as, line by line, within its braces. */
function printed(contents: ChainContents): string[] {
  const sets = Object.values({ ...setsOf('ip') }).map((definition) => ({
    definition,
    elements: [],
  }));
  const table = { family: 'ip', name: TABLE } as const;
  const text = rulesetText([{ table, counters: [], sets, chains: [contents] }]);
  const chain = text.slice(text.indexOf(`chain ${contents.chain.name} {`));
  return [...chain.matchAll(/^\t\t(.*)$/gm)].map(([, line = '']) => line);
}

/** `endpoints-7` as `endpoints-N`, and so on. */
function named(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replaceAll(/\b(mod |offset |endpoints-|at-)7/g, '$1N')
      .replaceAll(/\b(mod |endpoints-)5/g, '$1M'),
  );
}

const pick: PickShape = { kind: 'pick', count: 7, offset: 0, masquerade: 'never' };
const session: SessionShape = {
  ...pick,
  kind: 'session',
  scope: 'cluster',
  timeoutSeconds: 10_800,
};
const local: LocalShape = {
  kind: 'local',
  pods: pick,
  node: { ...pick, masquerade: 'always' },
  outside: { ...pick, count: 5, offset: 7 },
};

describe('the nft text above each chain is what the code makes', () => {
  /** The chains of these files stand on shapes, or are several. */
  const others = /^(guarded|send)-/;
  for (const contents of baseChains('ip')) {
    const { name } = contents.chain;
    if (others.test(name)) continue;
    test(name, () => assert.deepEqual(printed(contents), documented(`${name}.ts`)));
  }

  const shapeLines = (shape: Shape, balancing: Balancing = 'random'): string[] =>
    named(printed(shapeChain('ip', shape, balancing)));

  test('endpoints', () => assert.deepEqual(shapeLines(pick), documented('endpoints.ts')));
  test('sessions', () => assert.deepEqual(shapeLines(session), documented('sessions.ts')));
  test('send', () => assert.deepEqual(printed(sendChain('ip', 'never')), documented('send.ts')));

  test('marking', () => {
    const rules = (['never', 'always', 'off-cluster'] as const).flatMap((masquerade) =>
      printed(sendChain('ip', masquerade)).slice(0, -1),
    );
    assert.deepEqual(rules, documented('marking.ts'));
  });

  test('local', () => {
    assert.deepEqual(shapeLines(local), documented('local.ts'));
    assert.equal(shapeLines({ ...local, outside: undefined }).at(-1), 'drop');
  });

  test('guarded', () => {
    const documentation = documented('guarded.ts');
    const guarded = { kind: 'guarded', prefixLengths: [24], inside: pick } as const;
    assert.deepEqual(shapeLines(guarded), documentation);
    const refused = shapeLines({ ...guarded, prefixLengths: [0, 32], inside: { kind: 'refuse' } });
    const frontend = 'ip daddr . meta l4proto . th dport';
    assert.deepEqual(refused, [
      `meta mark set 0x00000000 ${frontend} . ip saddr & 0.0.0.0 . meta mark @source-ranges goto refuse`,
      `meta mark set 0x00000020 ${frontend} . ip saddr . meta mark @source-ranges goto refuse`,
      'drop',
    ]);
  });

  test('in turn, where the settings say round-robin', () => {
    assert.match(shapeLines(pick, 'round-robin').join(), /numgen inc mod N map @endpoints/);
    assert.match(shapeLines(session, 'round-robin').join(), /numgen inc mod N map @session-slots/);
  });

  test('a session of a Local policy looks among the endpoints of this node', () => {
    const lines = shapeLines({ ...session, scope: 'local', offset: 3 });
    assert.match(lines.join(), /ct mark @session-live-local update/);
    assert.match(lines.join(), /numgen random mod N offset 3 map @session-slots/);
  });
});

test('shapes that differ have chains of different names', () => {
  const variants: Shape[] = [
    pick,
    { ...pick, offset: 1 },
    { ...pick, masquerade: 'always' },
    session,
    { ...session, scope: 'local' },
    { ...session, timeoutSeconds: 1 },
    local,
    { ...local, outside: undefined },
    { ...local, pods: session },
    { kind: 'guarded', prefixLengths: [24], inside: pick },
    { kind: 'guarded', prefixLengths: [24], inside: local },
    { kind: 'guarded', prefixLengths: [16, 24], inside: pick },
    { kind: 'guarded', prefixLengths: Array.from({ length: 128 }, (_, at) => at), inside: pick },
    { kind: 'guarded', prefixLengths: Array.from({ length: 129 }, (_, at) => at), inside: pick },
    { kind: 'guarded', prefixLengths: [24], inside: { kind: 'refuse' } },
  ];
  assert.equal(new Set(variants.map(shapeName)).size, variants.length);
  assert.ok(variants.every((shape) => shapeName(shape).length <= NFT_NAME_MAXLEN));
});
