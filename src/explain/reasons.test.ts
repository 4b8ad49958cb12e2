import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Step } from './contract.ts';
import { ownReasons } from './reasons.ts';
import { explaining, hopsText } from './testing/explaining.ts';
import { cases } from './testing/reason-cases.ts';

describe('each station passes or stops for its reason', () => {
  for (const { manifest, ask, hops, more } of cases) {
    test(`${ask}: ${hops.source}`, () => {
      const [from = '', to = ''] = ask.split(' ');
      const story = explaining(manifest, more)(from, to);
      assert.match(hopsText(story), hops);
      assert.equal(story.admits, !hopsText(story).includes('!'));
    });
  }
});

test('every reason of our own is in a case above', () => {
  const expected = cases.map(({ hops }) => hops.source).join(' ');
  // Those of requests are in http/request-story.test.ts.
  const { tls: _tls, request: _request, ...ofConnections } = ownReasons;
  const all = Object.entries(ofConnections).flatMap(([step, codes]) =>
    Object.keys(codes).map((code) => `${step as Step} ${code}`),
  );
  assert.deepEqual(
    all.filter((reason) => !new RegExp(`${reason}\\b`).test(expected)),
    [],
  );
});

test('docs/explain.md has every reason of our own', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/explain.md'), 'utf8');
  const codes = Object.values(ownReasons).flatMap((codes) => Object.entries(codes));
  const missing = codes.filter(([code, meaning]) => !text.includes(`| \`${code}\` | ${meaning} |`));
  assert.deepEqual(missing, []);
});
