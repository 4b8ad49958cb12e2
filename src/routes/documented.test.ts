import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ingressPage, withTables } from './generate/ingress-tables.ts';

test('docs/ingress.md has the tables of what is read here', () => {
  const page = readFileSync(ingressPage, 'utf8');
  const advice = 'docs/ingress.md is behind; run: node src/routes/generate/ingress-tables.ts';
  assert.equal(page, withTables(page), advice);
});
