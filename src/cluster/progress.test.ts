import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStep, type StepEvent } from './progress.ts';

test('tells of a step as it begins and as it ends', async () => {
  const events: StepEvent[] = [];
  const result = await runStep(
    (event) => events.push(event),
    { name: 'api', text: 'API server' },
    async () => events.length,
  );
  assert.equal(result, 1, 'the step ran after it was told of');
  assert.deepEqual(
    events.map(({ step, state, text }) => [step, state, text]),
    [
      ['api', 'begin', 'API server'],
      ['api', 'done', 'API server'],
    ],
  );
  assert.equal(typeof events[1]?.milliseconds, 'number');
});

test('a step that fails is never done', async () => {
  const events: StepEvent[] = [];
  const work = (): never => {
    throw new TypeError('no');
  };
  await assert.rejects(
    runStep((event) => events.push(event), { name: 'x', text: 'x' }, work),
    TypeError,
  );
  assert.deepEqual(
    events.map(({ state }) => state),
    ['begin'],
  );
});
