import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Closers } from './closers.ts';

test('undoes the last first, each once', async () => {
  const closers = new Closers();
  const order: string[] = [];
  closers.add(() => void order.push('first'));
  closers.add(async () => void order.push('second'));
  await closers.close();
  await closers.close();
  assert.deepEqual(order, ['second', 'first']);
});

test('goes on after a failure and tells of all of them', async () => {
  const closers = new Closers();
  let isClosed = false;
  closers.add(() => {
    throw new Error('one');
  });
  closers.add(() => {
    isClosed = true;
  });
  closers.add(() => Promise.reject(new Error('two')));
  await assert.rejects(closers.close(), (error: unknown) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(
      error.errors.map(({ message }: Error) => message),
      ['two', 'one'],
    );
    return true;
  });
  assert.equal(isClosed, true);
});
