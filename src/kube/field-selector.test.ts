import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podKind } from './core/pod.ts';
import { compileFieldSelector, parseFieldSelector } from './field-selector.ts';
import { serviceAccountKind } from './core/service-account.ts';
import { defaulted } from './testing/kind-checks.ts';

const pod = defaulted(podKind, {
  spec: { nodeName: 'node1', containers: [] },
  status: { phase: 'Running' },
});

const cases: readonly [text: string, matches: boolean][] = [
  ['', true],
  ['metadata.name=test', true],
  ['metadata.namespace=kube-system', false],
  ['spec.nodeName=node1,status.phase=Running', true],
  ['spec.nodeName==node1,status.phase!=Running', false],
  ['status.podIP=', true],
  ['spec.hostNetwork=false', true],
];
for (const [text, matches] of cases) {
  test(JSON.stringify(text), () => {
    assert.equal(compileFieldSelector(podKind, text)(pod), matches);
  });
}

test('a backslash takes commas and equals signs literally', () => {
  assert.deepEqual(parseFieldSelector(String.raw`a=b\,c,d!=e\=\\`), [
    { field: 'a', value: 'b,c', isNegated: false },
    { field: 'd', value: String.raw`e=\ `.trim(), isNegated: true },
  ]);
});

test('fields that a kind does not offer are refused', () => {
  assert.throws(
    () => compileFieldSelector(podKind, 'spec.image=x'),
    /^ApiError: field label not supported: spec\.image$/,
  );
  assert.throws(
    () => compileFieldSelector(serviceAccountKind, 'a=x'),
    /"a" is not a known field selector: only "metadata\.name", "metadata\.namespace"/,
  );
  assert.throws(() => compileFieldSelector(podKind, 'constructor=x'), /field label not supported/);
  assert.throws(() => parseFieldSelector('nothing'), /can't understand 'nothing'/);
  assert.throws(() => parseFieldSelector(String.raw`a=\n`), /invalid escape sequence '\\n'/);
});
