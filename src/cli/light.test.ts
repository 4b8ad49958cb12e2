import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { verbs } from './program.ts';

const src = join(import.meta.dirname, '..');

/** What a file imports before it runs: neither types nor `import()`. */
function staticImports(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(/^(?:import|export) (?!type )[^;]*? from '(\.[^']+)'/gm);
  return [...found].map(([, target = '']) => join(dirname(path), target));
}

function reach(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const target of staticImports(path)) reach(target, seen);
  return seen;
}

/** Rooms that take a tenth of a second to load; a verb that needs one imports it when it does. */
const heavy = ['apiserver', 'client', 'controllers', 'kube', 'node', 'runtime', 'store'];
/** Small files of theirs that stand alone. */
const alone = ['runtime/process-identity.ts', 'apiserver/version.ts'];

for (const verb of verbs.filter((verb) => verb !== 'doctor')) {
  test(`${verb} begins without the rooms of the daemon`, () => {
    const files = [...reach(join(src, 'cli', 'commands', `${verb}.ts`))].map((path) =>
      relative(src, path),
    );
    assert.ok(files.includes('cluster/index.ts') || verb === 'completion');
    const loaded = files.filter((file) => heavy.includes(file.split('/')[0] ?? ''));
    assert.deepEqual(
      loaded.filter((file) => !alone.includes(file)),
      [],
    );
  });
}
