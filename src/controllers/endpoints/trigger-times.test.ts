import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Service } from '../../kube/index.ts';
import { podObject, readyCondition, serviceObject } from '../testing/objects.ts';
import { TriggerTimes, withTriggerTime } from './trigger-times.ts';

const annotation = 'endpoints.kubernetes.io/last-change-trigger-time';

function at(seconds: number): string {
  return `2026-01-01T00:00:0${seconds}Z`;
}

function service(): Service {
  const made = serviceObject('web');
  return { ...made, metadata: { ...made.metadata, uid: 'one', creationTimestamp: at(5) } };
}

function pod(name: string, seconds: number): Pod {
  return { ...podObject(name), status: { conditions: [readyCondition(true, at(seconds))] } };
}

test('the earliest of what is new is the trigger', () => {
  const times = new TriggerTimes();
  assert.equal(times.next(service(), [pod('a', 7), pod('b', 6)]), at(5));
  assert.equal(times.next(service(), [pod('a', 7), pod('b', 6)]), undefined);
  assert.equal(times.next(service(), [pod('a', 9), pod('b', 8)]), at(8));
});

test('a pod that goes triggers at no known time', () => {
  const times = new TriggerTimes();
  times.next(service(), [pod('a', 7)]);
  assert.equal(times.next(service(), []), undefined);
});

test('a forgotten Service is new again', () => {
  const times = new TriggerTimes();
  times.next(service(), []);
  times.forget('shop/web');
  assert.equal(times.next(service(), []), at(5));
});

test('the annotation is written, replaced and taken away; others stay', () => {
  const stamped = withTriggerTime(podObject('a'), at(1));
  assert.deepEqual(stamped.metadata.annotations, { [annotation]: at(1) });
  const other = { ...stamped, metadata: { ...stamped.metadata, annotations: { mine: 'kept' } } };
  assert.deepEqual(withTriggerTime(other, at(2)).metadata.annotations, {
    mine: 'kept',
    [annotation]: at(2),
  });
  assert.deepEqual(withTriggerTime(stamped, undefined).metadata.annotations, {});
});
