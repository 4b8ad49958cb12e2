import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hintFor } from './hints.ts';

const world = { clusters: () => ['portolan', 'shop'] };

test('words that the program did not take, and what may have been meant', () => {
  const cases: [code: string, line: string, hint: RegExp | undefined][] = [
    ['excessArguments', 'status shop', /^\(Did you mean \S*portolan status --name shop\?\)$/],
    ['excessArguments', 'logs -f shop', / logs --name shop -f\?/],
    ['excessArguments', 'status other', undefined],
    ['unknownCommand', 'get pods -A', /kubectl get pods -A/],
    ['unknownCommand', 'strat', undefined],
    ['unknownCommand', 'tunnel', /^\(no tunnel is needed: /],
    ['unknownCommand', 'ssh -n node2', /^\(exec node1 -- COMMAND /],
    ['unknownCommand', 'constructor', undefined],
    ['excessArguments', 'tunnel x', undefined],
    ['unknownOption', '--name shop status', /VERB --name NAME/],
    ['unknownOption', '--name=shop status', /VERB --name NAME/],
    ['unknownOption', 'status --nmae shop', undefined],
  ];
  for (const [code, line, hint] of cases) {
    const found = hintFor({ code: `commander.${code}` }, line.split(' '), world);
    if (hint === undefined) assert.equal(found, undefined, line);
    else assert.match(found ?? '', hint, line);
  }
});
