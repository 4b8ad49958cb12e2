import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs', 'explain.md'), 'utf8');
const home = mkdtempSync(join(tmpdir(), 'portolan-docs-'));
after(() => rmSync(home, { recursive: true }));

/** The blocks of a language, without their fences. */
function blocks(language: string): string[] {
  const fenced = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...text.matchAll(fenced)].map(([, content = '']) => content);
}

/** Each file of the page says its own name in its first line. */
before(() => {
  for (const content of blocks('yaml')) {
    const path = join(home, /^# (\S+)\n/.exec(content)?.[1] ?? '');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
});

const examples = blocks('console').map((block) => {
  const [, command = '', output = ''] = /^\$ portolan (.*)\n([^]*)$/.exec(block) ?? [];
  return { command, output };
});

test('the page has examples', () => assert.ok(examples.length >= 5));

for (const { command, output } of examples) {
  test(`docs/explain.md: portolan ${command}`, () => {
    const env = { ...process.env, PORTOLAN_HOME: home, NO_COLOR: '1' };
    const options = { cwd: home, env, encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync(
      join(root, 'bin', 'portolan'),
      command.split(' '),
      options,
    );
    assert.equal(stdout, output, stderr);
  });
}
