import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, fieldErrors, objectOf, updateErrors } from '../testing/kind-checks.ts';
import { ingressKind } from './ingress.ts';

const service = { name: 'a', port: { number: 80 } };
const rule = (path: object, host?: string): object => ({
  host,
  http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service }, ...path }] },
});
const withRules = (...rules: object[]): object => ({ spec: { rules } });
const at = 'spec.rules[0].http.paths[0]';

const failures: readonly (readonly [parts: object, error: string])[] = [
  [{ spec: {} }, 'spec: Invalid value: []: either `defaultBackend` or `rules` must be specified'],
  [
    withRules(rule({ pathType: undefined })),
    `${at}.pathType: Required value: pathType must be specified`,
  ],
  [
    withRules(rule({ pathType: 'Regex' })),
    `${at}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
  ],
  [withRules(rule({ path: 'a' })), `${at}.path: Invalid value: "a": must be an absolute path`],
  [withRules(rule({ path: '/a//b' })), `${at}.path: Invalid value: "/a//b": must not contain '//'`],
  [withRules(rule({ path: '/a/..' })), `${at}.path: Invalid value: "/a/..": cannot end with '/..'`],
  [
    withRules(rule({ backend: {} })),
    `${at}.backend: Invalid value: "": resource or service backend is required`,
  ],
  [
    withRules(rule({ backend: { service: { name: 'a' } } })),
    `${at}.backend: Required value: port name or number is required`,
  ],
  [
    withRules(rule({ backend: { service: { name: 'a', port: { name: 'x', number: 1 } } } })),
    `${at}.backend.service.port: Invalid value: "": cannot set both port name & port number`,
  ],
  [
    withRules(rule({}, '10.0.0.1')),
    'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ],
  [withRules({ http: { paths: [] } }), 'spec.rules[0].http.paths: Required value'],
  [
    { spec: { defaultBackend: { service: { port: { number: 80 } } } } },
    'spec.defaultBackend.service.name: Required value',
  ],
  [
    {
      metadata: { name: 'a', annotations: { 'kubernetes.io/ingress.class': 'x' } },
      spec: { ingressClassName: 'y', defaultBackend: { service } },
    },
    'annotations.kubernetes.io/ingress.class: Invalid value: "x": must match `ingressClassName` when both are specified',
  ],
];

for (const [parts, error] of failures) {
  test(error, () => assert.deepEqual(fieldErrors(ingressKind, parts), [error]));
}

test('the class may be named twice when it is the same, and an old Ingress may keep two', () => {
  const both = {
    metadata: { name: 'a', annotations: { 'kubernetes.io/ingress.class': 'x' } },
    spec: { ingressClassName: 'x', defaultBackend: { service } },
  };
  assert.deepEqual(fieldErrors(ingressKind, both), []);
  const other = { ...both, spec: { ...both.spec, ingressClassName: 'y' } };
  assert.deepEqual(updateErrors(ingressKind, other, both), []);
});

test('names of certificates are checked', () => {
  const tls = [{ hosts: ['a.example', '-'], secretName: 'A' }];
  const errors = fieldErrors(ingressKind, { spec: { tls, defaultBackend: { service } } });
  assert.deepEqual(
    errors.map((text) => text.split(': ')[0]),
    ['spec.tls[0].hosts[1]', 'spec.tls[0].secretName'],
  );
});

test('a controller may only write addresses into the status', () => {
  const point = (ingress: object): string[] => {
    const object = objectOf(ingressKind, { status: { loadBalancer: { ingress: [ingress] } } });
    return (ingressKind.validateStatus?.(object, object) ?? []).map(({ field }) => field);
  };
  assert.deepEqual(point({ ip: '10.0.0.1' }), []);
  assert.deepEqual(point({ hostname: 'lb.example' }), []);
  assert.deepEqual(point({ ip: 'lb.example' }), ['status.loadBalancer.ingress[0].ip']);
  assert.deepEqual(point({ hostname: '10.0.0.1' }), ['status.loadBalancer.ingress[0].hostname']);
});

test('hosts may be wild cards', () => {
  assert.deepEqual(fieldErrors(ingressKind, withRules(rule({}, '*.example.com'))), []);
  assert.match(
    fieldErrors(ingressKind, withRules(rule({}, 'a.*.com')))[0] ?? '',
    /a wildcard DNS-1123/,
  );
});

test('columns are those kubectl users know', () => {
  const hosts = ['foo.example.com', 'bar.example.com'].map((host) => rule({}, host));
  const { Class, Hosts, Address, Ports } = cells(ingressKind, withRules(...hosts));
  assert.deepEqual(
    [Class, Hosts, Address, Ports],
    ['<none>', 'foo.example.com,bar.example.com', '', '80'],
  );
  assert.equal(cells(ingressKind, withRules(rule({})))['Hosts'], '*');
  const many = ['a', 'b', 'c', 'd'].map((host) => rule({}, host));
  assert.equal(cells(ingressKind, withRules(...many))['Hosts'], 'a,b,c + 1 more...');
  const spec = { tls: [{}], ingressClassName: 'nginx' };
  const status = {
    loadBalancer: { ingress: [{ ip: '172.18.1.1' }, { hostname: 'lb.example.com' }] },
  };
  const row = cells(ingressKind, { spec, status });
  assert.deepEqual(
    [row['Class'], row['Address'], row['Ports']],
    ['nginx', '172.18.1.1,lb.example.com', '80, 443'],
  );
});
