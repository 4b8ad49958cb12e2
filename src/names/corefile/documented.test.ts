import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { directives } from './directives/all.ts';
import { readCorefile } from './read-corefile.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/dns.md'), 'utf8');

/** The rows of the table below a heading, the marks around words taken off. */
function tableOf(heading: string): string[][] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const rows = own.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** Arguments with which each directive can stand alone. */
const args: Readonly<Record<string, string>> = {
  forward: ' . 192.0.2.1',
  kubernetes: ' cluster.local',
  rewrite: ' name a b',
  autopath: ' @kubernetes',
};

function errorsOf(lines: string): readonly string[] {
  const result = readCorefile(`. {\n${lines}\n}`);
  return result.ok ? [] : result.errors.map(({ message }) => message);
}

/** The options that the parser knows, as it says itself. */
function optionsOf(directive: string): string[] {
  const errors = errorsOf(`${directive}${args[directive] ?? ''} {\n no-such-option\n}`);
  const [, known = ''] = /has no option .* here, only: (.*)$/.exec(errors.join('\n')) ?? [];
  return known === '' ? [] : known.split(', ');
}

describe('docs/dns.md', () => {
  test('has every directive that the parser knows, and no other as honoured', () => {
    const honoured = tableOf('Directives').filter(([, state]) => state !== 'not built');
    const documented = honoured.map(([name]) => name);
    assert.deepEqual(documented, directives.map(({ name }) => name).toSorted());
  });

  for (const [name = ''] of tableOf('Directives').filter(([, state]) => state === 'not built')) {
    test(`${name} is refused`, () => {
      assert.deepEqual(errorsOf(name), [`unknown directive "${name}"`]);
    });
  }

  test('has every option that the parser knows, and no other as honoured or reported', () => {
    const documented = tableOf('Options').filter(([, , state]) => state !== 'not built');
    const known = directives.flatMap(({ name }) => optionsOf(name).map((one) => `${name} ${one}`));
    const rows = documented.map(([directive, option]) => `${directive} ${option}`);
    assert.deepEqual(rows.toSorted(), known.toSorted());
  });

  test('calls reported what is reported', () => {
    for (const [directive = '', option = '', state] of tableOf('Options')) {
      if (state === 'not built') continue;
      const line = `${directive}${args[directive] ?? ''} {\n ${option} 1s\n}`;
      const result = readCorefile(`. {\n${line}\n}`);
      const isReported = result.ok && result.notices.length > 0;
      assert.equal(isReported, state === 'reported', `${directive} ${option}`);
    }
  });
});
