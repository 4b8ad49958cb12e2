import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifests } from '../../manifests/index.ts';
import { usable } from './usable.ts';

function notesOn(text: string): { readonly left: number; readonly notes: readonly string[] } {
  const { objects, notes } = usable(parseManifests(text, 'x.yaml'), 'default');
  return { left: objects.length, notes };
}

const meta = 'metadata: {name: x}';
const cases: [what: string, text: string, note: RegExp | undefined, left: number][] = [
  ['a Namespace without a spec', `apiVersion: v1\nkind: Namespace\n${meta}`, undefined, 1],
  [
    'a kind that nobody knows',
    `apiVersion: a/v1\nkind: B\n${meta}`,
    /^x\.yaml:1: B x: passed over: its kind is not known here$/,
    0,
  ],
  ['no spec', `apiVersion: v1\nkind: Pod\n${meta}`, /left out, .*: spec: Required value$/, 0],
  ['an empty spec', `apiVersion: v1\nkind: Service\n${meta}\nspec:`, /spec: Required value$/, 0],
  [
    'a list that is none',
    `apiVersion: v1\nkind: Pod\n${meta}\nspec: {containers: {name: c}}`,
    /spec\.containers: .*cannot unmarshal object/,
    0,
  ],
  [
    'a label that is a number',
    `apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: {tier: 1}}\nspec: {containers: [{name: c, image: i}]}`,
    /metadata\.labels\.tier: .*cannot unmarshal number/,
    0,
  ],
  [
    'a value out of range',
    `apiVersion: v1\nkind: Service\n${meta}\nspec: {ports: [{port: 99999}]}`,
    /spec\.ports\[0\]\.port: Invalid value: 99999/,
    0,
  ],
  [
    'a field that is misspelt',
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n${meta}\nspec: {podSelecter: {}}`,
    /^x\.yaml:1: NetworkPolicy x: unknown field "spec\.podSelecter"$/,
    1,
  ],
  [
    'an older version of a kind',
    `apiVersion: networking.k8s.io/v1beta1\nkind: NetworkPolicy\n${meta}\nspec: {podSelector: {}}`,
    undefined,
    1,
  ],
];

for (const [what, text, note, left] of cases) {
  test(what, () => {
    const found = notesOn(text);
    assert.equal(found.left, left, found.notes.join());
    if (note === undefined) assert.deepEqual(found.notes, []);
    else assert.match(found.notes.join('\n'), note);
  });
}
