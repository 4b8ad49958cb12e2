import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../kube/index.ts';
import type { StoreEvent } from '../store.ts';
import { sample } from '../testing/samples.ts';
import { History } from './history.ts';

function event(revision: number, key = '/a/b/c'): StoreEvent {
  return {
    type: 'MODIFIED',
    key,
    object: sample('c'),
    previous: sample('c', `${revision}`),
    revision,
  };
}

function filled(from: number, to: number, limit: number): History {
  const history = new History(from, limit);
  for (let revision = from + 1; revision <= to; revision += 1) history.push(event(revision));
  return history;
}

function isExpired(message: string) {
  return (error: unknown) =>
    error instanceof ApiError && error.reason === 'Expired' && error.message === message;
}

test('finds events by revision, and none beyond the newest', () => {
  const history = filled(40, 45, 10);
  assert.equal(history.newest, 45);
  assert.equal(history.at(41)?.revision, 41);
  assert.equal(history.at(46), undefined);
  assert.throws(() => history.at(40), isExpired('too old resource version: 39 (40)'));
});

test('keeps at least the limit, and not twice as much', () => {
  const history = filled(0, 1000, 10);
  assert.equal(history.at(991)?.revision, 991);
  assert.throws(() => history.assertHolds(980), ApiError);
});

test('forgets up to the compacted revision and no further', () => {
  const history = filled(0, 10, 100);
  history.compact(4);
  assert.throws(() => history.assertHolds(3), isExpired('too old resource version: 3 (4)'));
  history.assertHolds(4);
  history.compact(2);
  assert.equal(history.at(5)?.revision, 5);
  history.compact(99);
  assert.equal(history.newest, 10);
});

test('differences tell the state before the first change of each key', () => {
  const history = filled(0, 3, 100);
  const then = history.differencesAt(1, '/a/');
  assert.equal(then.get('/a/b/c')?.metadata.annotations?.['data'], '2');
  assert.equal(history.differencesAt(3, '/a/').size, 0);
  assert.equal(history.differencesAt(0, '/x/').size, 0);
});
