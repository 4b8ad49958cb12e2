import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from './contract.ts';
import { claimsOf, ingressFindings } from './ingress-findings.ts';
import { summariseFindings } from './summarise-findings.ts';
import { worldOf, type WorldSketch } from './testing/world.ts';

/** What the author of the last Ingress of a sketch is told: `code field`. */
function told(sketch: WorldSketch): string[] {
  const world = worldOf(sketch);
  const ingress = [...world.ingresses.values()].at(-1);
  assert(ingress !== undefined);
  return ingressFindings(world, ingress).map(({ code, field }) => `${code} ${field}`);
}

const services = { web: { ips: ['10.0.0.1'] } };
const paths = { 'a.test/': 'web:80' };

test('nothing is told of an Ingress where all is well, endpoints or not', () => {
  assert.deepEqual(told({ services: { web: {} }, ingresses: [{ name: 'a', paths }] }), []);
});

test('annotations, expressions, Services and Secrets that are not as they should be', () => {
  const ingress = {
    name: 'a',
    paths: { 'a.test/( ~': 'web:80', 'a.test/b ~': 'nobody:80' },
    tls: [{ hosts: ['a.test'], secretName: 'none' }],
    annotations: {
      'server-snippet': 'x',
      typo: 'x',
      'proxy-body-size': 'big',
      'use-regex': 'true',
    },
  };
  assert.deepEqual(told({ services, ingresses: [ingress] }), [
    'ANNOTATION_REFUSED metadata.annotations[nginx.ingress.kubernetes.io/server-snippet]',
    'ANNOTATION_UNKNOWN metadata.annotations[nginx.ingress.kubernetes.io/typo]',
    'ANNOTATION_INVALID metadata.annotations[nginx.ingress.kubernetes.io/proxy-body-size]',
    'EXPRESSION_INVALID spec.rules[0].http.paths[0]',
    'SECRET_NOT_FOUND spec.tls[0].secretName',
    'SERVICE_NOT_FOUND spec.rules[1].http.paths[0].backend',
  ]);
});

test('the younger of two with one path is told, also when they share the host by an alias', () => {
  const older = { name: 'older', paths };
  assert.deepEqual(told({ services, ingresses: [older, { name: 'new', paths, age: 9 }] }), [
    'HOST_PATH_CONFLICT spec.rules[0].http.paths[0]',
  ]);
  const alias = { name: 'new', paths: { 'b.test/': 'web:80' }, age: 9 };
  const annotations = { 'server-alias': 'a.test' };
  assert.equal(told({ services, ingresses: [older, { ...alias, annotations }] }).length, 1);
});

test('the younger of two that share a host is told what it does not decide there', () => {
  const older = { name: 'older', paths, annotations: { 'app-root': '/old' } };
  const younger = { name: 'new', paths: { 'a.test/b': 'web:80' }, age: 9 };
  const annotations = { 'app-root': '/new' };
  assert.deepEqual(told({ services, ingresses: [older, { ...younger, annotations }] }), [
    'HOST_POLICY_CONFLICT metadata.annotations[nginx.ingress.kubernetes.io/app-root]',
  ]);
  const world = worldOf({
    ingresses: [older, { ...younger, annotations }, { ...younger, name: 'c' }],
  });
  const [claims = [], others = [], none = []] = Array.from(world.ingresses.values(), claimsOf);
  assert.deepEqual(
    claims.filter((claim) => others.includes(claim)),
    ['a.test app-root'],
  );
  assert.deepEqual(none, ['a.test /b']);
});

test('other Ingresses are none of the author’s business', () => {
  const broken = { name: 'broken', paths: { 'a.test/x': 'nobody:80' } };
  assert.deepEqual(told({ services, ingresses: [broken, { name: 'a', paths, age: 9 }] }), []);
});

test('classes: unknown, of another controller, none in the whole cluster', () => {
  const unrouted = { name: 'a', className: 'other', paths: { 'a.test/': 'nobody:80' } };
  assert.deepEqual(told({ ingresses: [unrouted] }), ['CLASS_NOT_FOUND spec.ingressClassName']);
  assert.deepEqual(told({ ingresses: [unrouted], classes: { other: 'example.com/other' } }), []);
  const world = worldOf({ ingresses: [unrouted], classes: {} });
  const [ingress] = world.ingresses.values();
  assert(ingress !== undefined);
  const classless = { ...ingress, spec: { ...ingress.spec, ingressClassName: undefined } };
  assert.equal(ingressFindings(world, classless)[0]?.code, 'NO_CONTROLLER');
});

test('findings that say the same are one, and there is an end of them', () => {
  const finding = (at: number, message: string): Finding => ({
    ingress: 'default/a',
    code: 'SERVICE_NOT_FOUND',
    field: `spec.rules[${at}]`,
    message,
  });
  const same = Array.from({ length: 10_000 }, (_, at) => finding(at, 'missing'));
  assert.deepEqual(summariseFindings(same), [
    { ...finding(0, 'missing'), field: 'spec.rules[0] and 9999 more' },
  ]);
  const different = same.map((one, at) => ({ ...one, message: `missing ${at}` }));
  assert.equal(summariseFindings(different).length, 10);
  assert.match(summariseFindings(different).at(-1)?.message ?? '', /^9991 more problems/);
  assert.equal(summariseFindings(different.slice(0, 10)).at(-1)?.message, 'missing 9');
});
