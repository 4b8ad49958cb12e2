import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, defaulted, fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { ingressClassKind } from './ingress-class.ts';
import { ipAddressKind } from './ip-address.ts';
import { serviceCidrKind } from './service-cidr.ts';

test('IngressClass: parameters default to cluster scope and are printed', () => {
  const parameters = { apiGroup: 'example.com', kind: 'Config', name: 'a' };
  const spec = { controller: 'example.com/ingress', parameters };
  assert.equal(defaulted(ingressClassKind, { spec }).spec.parameters?.scope, 'Cluster');
  assert.equal(cells(ingressClassKind, { spec })['Parameters'], 'Config.example.com/a');
  assert.equal(cells(ingressClassKind, { spec: {} })['Parameters'], '<none>');
});

test('IngressClass: the controller is a domain with a path, and stays', () => {
  assert.deepEqual(fieldErrors(ingressClassKind, { spec: { controller: 'nginx' } }), [
    'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
  ]);
  assert.deepEqual(
    updateErrors(
      ingressClassKind,
      { spec: { controller: 'a.b/c' } },
      { spec: { controller: 'a.b/d' } },
    ),
    ['spec.controller: Invalid value: "a.b/c": field is immutable'],
  );
});

test('IngressClass: controller and parameters are checked', () => {
  assert.deepEqual(fieldErrors(ingressClassKind, { spec: {} }), [
    'spec.controller: Required value',
  ]);
  const errors = (parameters: object): string[] =>
    fieldErrors(ingressClassKind, { spec: { controller: 'a.b/c', parameters } });
  assert.deepEqual(errors({ kind: 'Config', name: 'a', scope: 'Namespace', namespace: 'b' }), []);
  assert.deepEqual(errors({ scope: 'Namespace' }), [
    'spec.parameters.kind: Required value',
    'spec.parameters.name: Required value',
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
  ]);
  assert.deepEqual(errors({ kind: 'a/b', name: '..', namespace: 'x' }), [
    `spec.parameters.kind: Invalid value: "a/b": may not contain '/'`,
    `spec.parameters.name: Invalid value: "..": may not be '..'`,
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ]);
});

test('ServiceCIDR: one range for each family', () => {
  const errors = (...cidrs: string[]): string[] =>
    fieldErrors(serviceCidrKind, { spec: { cidrs } });
  assert.deepEqual(errors('10.96.0.0/12', 'fd00:10:96::/112'), []);
  assert.match(errors()[0] ?? '', /at least one CIDR required/);
  assert.match(
    errors('10.0.0.0/8', '11.0.0.0/8')[0] ?? '',
    /no more than one IP for each IP family/,
  );
  assert.match(
    errors('10.0.0.0')[0] ?? '',
    /^spec\.cidrs\[0\]: Invalid value: "10\.0\.0\.0": must be a valid CIDR/,
  );
});

test('ServiceCIDR: a second family may come, nothing else may change', () => {
  const change = (next: string[], previous: string[]): string[] =>
    updateErrors(serviceCidrKind, { spec: { cidrs: next } }, { spec: { cidrs: previous } });
  assert.deepEqual(change(['10.0.0.0/8', 'fd00::/64'], ['10.0.0.0/8']), []);
  assert.equal(change(['11.0.0.0/8'], ['10.0.0.0/8']).length, 1);
});

test('IPAddress: its name is the canonical address, its parent is printed', () => {
  assert.deepEqual(ipAddressKind.validateName?.('10.96.0.1'), []);
  assert.deepEqual(ipAddressKind.validateName?.('fd00:0::1'), [
    'must be a valid IP address in canonical form',
  ]);
  const parentRef = { resource: 'services', namespace: 'default', name: 'kubernetes' };
  assert.equal(
    cells(ipAddressKind, { spec: { parentRef } })['ParentRef'],
    'services/default/kubernetes',
  );
  assert.deepEqual(fieldErrors(ipAddressKind, { spec: {} }), ['spec.parentRef: Required value']);
});
