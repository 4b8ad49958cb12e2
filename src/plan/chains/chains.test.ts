import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { rulesetText, type ChainContents } from '../../nft/index.ts';
import { baseChains } from '../base-table.ts';
import { setsOf } from '../layout.ts';
import { TABLE } from '../settings.ts';
import type { Shape } from '../shape.ts';
import { endpointsChain } from './endpoints.ts';

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

describe('the nft text above each chain is what the code makes', () => {
  for (const contents of baseChains('ip')) {
    const { name } = contents.chain;
    test(name, () => assert.deepEqual(printed(contents), documented(`${name}.ts`)));
  }

  test('endpoints', () => {
    const shapes: readonly Shape[] = [
      { count: 7, masquerade: 'never' },
      { count: 7, masquerade: 'always' },
      { count: 7, masquerade: 'off-cluster' },
      { count: 7, masquerade: 'off-cluster', local: 5 },
    ];
    const lines = shapes.flatMap((shape) => printed(endpointsChain('ip', shape)));
    const named = lines.map((line) =>
      line.replaceAll(/\b(mod|offset) 7/g, '$1 N').replace('mod 5', 'mod M'),
    );
    assert.deepEqual(named, documented('endpoints.ts'));
    const none = endpointsChain('ip', { count: 7, masquerade: 'off-cluster', local: 0 });
    assert.equal(printed(none).at(-1), 'drop');
  });
});
