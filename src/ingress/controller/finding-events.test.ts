import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Ingress } from '../../kube/index.ts';
import type { Finding } from '../../routes/index.ts';
import { FindingEvents } from './finding-events.ts';

const key = 'default/web';

function ingress(generation = 1): Ingress {
  const metadata = { name: 'web', namespace: 'default', uid: 'u1', generation };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: {} };
}

function finding(code: Finding['code'], message: string): Finding {
  return { ingress: key, code, field: 'spec', message };
}

let told: string[] = [];
let events: FindingEvents;

beforeEach(() => {
  told = [];
  events = new FindingEvents({
    event: (_object, { type, reason, message }) => void told.push(`${type} ${reason} ${message}`),
    flush: async () => {},
  });
});

/** What a compilation with these findings makes it tell. */
function tell(findings: readonly Finding[] = [], { generation = 1, isOwn = true } = {}): string[] {
  told = [];
  const own = new Set(isOwn ? [key] : []);
  events.tell(new Map([[key, ingress(generation)]]), own, findings);
  return told;
}

test('an Ingress that is taken on is told once, and again when it is changed', () => {
  assert.deepEqual(tell(), ['Normal Sync Scheduled for sync']);
  assert.deepEqual(tell(), []);
  assert.deepEqual(tell([], { generation: 2 }), ['Normal Sync Scheduled for sync']);
});

test('a finding is told once, and again when it has been gone', () => {
  const missing = finding('SERVICE_NOT_FOUND', 'not there');
  tell();
  assert.deepEqual(tell([missing]), ['Warning ServiceNotFound spec: not there']);
  assert.deepEqual(tell([missing]), []);
  assert.deepEqual(tell(), []);
  assert.deepEqual(tell([missing]), ['Warning ServiceNotFound spec: not there']);
});

test('an Ingress of another controller hears of nothing but what is found', () => {
  const unknown = finding('CLASS_NOT_FOUND', 'no such class');
  assert.deepEqual(tell([unknown], { isOwn: false }), [
    'Warning ClassNotFound spec: no such class',
  ]);
  assert.deepEqual(tell([], { isOwn: false }), []);
});

test('ten thousand findings are a few Events', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => finding('PORT_NOT_FOUND', `port ${at}`));
  tell();
  assert.equal(tell(many).length, 10);
});
