import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as names from './names.ts';

const long = 'a'.repeat(64);

/** The export that a check is, for the titles. */
function nameOf(check: names.Check): string {
  return Object.entries(names).find(([, value]) => value === check)?.[0] ?? '?';
}

const cases: readonly [check: names.Check, good: string[], bad: string[]][] = [
  [
    names.dns1123Label,
    ['a', '0', 'a-b', 'a'.repeat(63)],
    ['', 'A', '-a', 'a-', 'a.b', 'a_b', long],
  ],
  [names.dns1123Subdomain, ['a', 'a.b', '1.2'], ['', 'a..b', '.a', 'A.b', 'a'.repeat(254)]],
  [names.serviceName, ['a', '1a', '1'], ['', '-a', 'a-', 'a.b', 'A', long]],
  [names.dns1035Label, ['a', 'a-1'], ['', '1a', 'a-', 'a.b', long]],
  [names.wildcardDns1123Subdomain, ['*.a', '*.a.b'], ['*', '*a', 'a', '*.']],
  [
    names.qualifiedName,
    ['a', 'A.b_c-d', 'example.com/a'],
    ['', 'a/b/c', '/a', 'a/', 'Exa/a', '-a', long],
  ],
  [names.labelValue, ['', 'a', 'A_b.c-9'], ['-a', 'a b', long]],
  [names.portName, ['http', 'a-1'], ['', '80', 'a--b', '-a', 'Http', 'a'.repeat(16)]],
  [names.configMapKey, ['a', 'a_b.c', '.a'], ['', '.', '..', '..a', 'a b', 'a'.repeat(254)]],
  [names.envVarName, ['A', 'a.b-c', '1'], ['', 'a=b', 'ä']],
  [names.pathSegmentName, ['system:node', 'A b'], ['.', '..', 'a/b', 'a%']],
];
for (const [check, good, bad] of cases) {
  describe(nameOf(check), () => {
    for (const value of good) {
      test(`takes ${JSON.stringify(value)}`, () => assert.deepEqual(check(value), []));
    }
    for (const value of bad) {
      test(`refuses ${JSON.stringify(value)}`, () => assert.notDeepEqual(check(value), []));
    }
  });
}

test('messages are those of Kubernetes, to the letter', () => {
  assert.deepEqual(names.dns1035Label('bad_name'), [
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ]);
  assert.deepEqual(names.dns1123Subdomain('bad_name'), [
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  assert.deepEqual(names.dns1123Label(long), ['must be no more than 63 characters']);
  assert.deepEqual(names.portNumber(99_999), ['must be between 1 and 65535, inclusive']);
});
