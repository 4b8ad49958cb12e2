import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RouteCompiler } from './compile-routes.ts';
import {
  compile,
  selfSigned,
  settings,
  worldOf,
  type IngressSketch,
  type WorldSketch,
} from './testing/world.ts';

const services = { web: {}, api: {} };

function findings(world: WorldSketch): string[] {
  return compile({ services, ...world }).findings.map(
    ({ ingress, code, field }) => `${ingress} ${code} ${field}`,
  );
}

test('whose an Ingress is', () => {
  const classes = {
    nginx: 'k8s.io/ingress-nginx',
    second: 'k8s.io/ingress-nginx',
    other: 'example.com/other',
  };
  const ingresses = [
    { name: 'by-class', className: 'nginx' },
    { name: 'second-class', className: 'second' },
    { name: 'other-class', className: 'other' },
    { name: 'unknown-class', className: 'nginxx' },
    { name: 'legacy', legacyClass: 'nginx' },
    { name: 'legacy-other', legacyClass: 'other' },
    { name: 'classless', legacyClass: '' },
  ];
  const { own, findings } = compile({ ingresses, classes });
  assert.deepEqual([...own].sort(), ['default/by-class', 'default/legacy', 'default/second-class']);
  assert.deepEqual(
    findings.map(({ message }) => message),
    ['no IngressClass "nginxx": there is nginx, second, other; nothing routes this Ingress'],
  );
  const taken = compile({ ingresses, classes }, { takesClassless: true });
  assert.ok(taken.own.has('default/classless'));
});

test('the oldest has a path that two claim, and the younger is told', () => {
  const ingresses: IngressSketch[] = [
    { name: 'young', paths: { 'foo.com/a/': 'api', 'foo.com/b': 'api' }, age: 2 },
    { name: 'old', paths: { 'foo.com/a': 'web' }, age: 1 },
  ];
  const { table, findings } = compile({ services, ingresses });
  const site = table.sites.get('foo.com');
  assert.deepEqual(
    site?.routes.map(({ ref, backend }) => [ref.ingress, backend]),
    [
      ['default/old', 'default/web:80 http'],
      ['default/young', 'default/api:80 http'],
    ],
  );
  assert.deepEqual(findings, [
    {
      ingress: 'default/young',
      code: 'HOST_PATH_CONFLICT',
      field: 'spec.rules[0].http.paths[0]',
      message: 'host "foo.com" and path "/a/" belong to the older Ingress default/old',
    },
  ]);
});

test('what authors are told', () => {
  const told = findings({
    services: { ...services, ports: { spec: { ports: [{ name: 'http', port: 81 }] } } },
    ingresses: [
      { name: 'expression', paths: { 'a.com/(x ~': 'web' }, annotations: { 'use-regex': 'true' } },
      {
        name: 'canary',
        paths: { 'b.com/': 'web' },
        annotations: { canary: 'true', 'canary-weight': '5' },
      },
      { name: 'missing', paths: { 'c.com/': 'nowhere', 'c.com/p': 'ports:80' } },
      { name: 'tls', paths: { 'd.com/': 'web' }, tls: [{ hosts: ['d.com'], secretName: 'gone' }] },
      {
        name: 'annotations',
        annotations: {
          'configuration-snippet': 'return 200;',
          'proxy-body-sise': '8m',
          'limit-rps': 'many',
          'auth-type': 'basic',
          'auth-secret': 'other/secret',
        },
      },
    ],
  });
  const prefix = 'metadata.annotations[nginx.ingress.kubernetes.io/';
  assert.deepEqual(
    new Set(told),
    new Set([
      'default/expression EXPRESSION_INVALID spec.rules[0].http.paths[0]',
      'default/canary CANARY_WITHOUT_PRIMARY spec.rules[0].http.paths[0]',
      'default/missing SERVICE_NOT_FOUND spec.rules[0].http.paths[0].backend',
      'default/missing PORT_NOT_FOUND spec.rules[1].http.paths[0].backend',
      'default/tls SECRET_NOT_FOUND spec.tls[0].secretName',
      `default/annotations ANNOTATION_REFUSED ${prefix}configuration-snippet]`,
      `default/annotations ANNOTATION_UNKNOWN ${prefix}proxy-body-sise]`,
      `default/annotations ANNOTATION_INVALID ${prefix}limit-rps]`,
      `default/annotations REFERENCE_REFUSED ${prefix}auth-secret]`,
    ]),
  );
});

test('one bad Ingress harms no other', () => {
  const { table } = compile({
    services,
    ingresses: [
      {
        name: 'bad',
        paths: { 'a.com/(x ~': 'web', 'a.com/y ~': 'api' },
        annotations: { 'use-regex': 'true' },
      },
    ],
  });
  assert.deepEqual(
    table.sites.get('a.com')?.routes.map(({ backend }) => backend),
    ['default/api:80 http'],
  );
});

test('certificates: by host, told when they are for another or broken', () => {
  const good = selfSigned('a.com', '*.b.com');
  const tls = (host: string, secretName: string) => [{ hosts: [host], secretName }];
  const world: WorldSketch = {
    services,
    secrets: {
      good,
      broken: { 'tls.crt': 'nonsense', 'tls.key': 'nonsense' },
      crossed: { ...good, 'tls.key': selfSigned('x')['tls.key'] },
    },
    ingresses: [
      { name: 'a', paths: { 'a.com/': 'web' }, tls: tls('a.com', 'good') },
      { name: 'b', paths: { '*.b.com/': 'web' }, tls: tls('*.b.com', 'good') },
      { name: 'c', paths: { 'c.com/': 'web' }, tls: tls('c.com', 'good') },
      { name: 'd', paths: { 'd.com/': 'web' }, tls: tls('d.com', 'broken') },
      { name: 'e', paths: { 'e.com/': 'web' }, tls: tls('e.com', 'crossed') },
    ],
  };
  const { table, findings } = compile(world);
  assert.equal(table.sites.get('a.com')?.certificate?.secret, 'default/good');
  assert.equal(table.sites.get('*.b.com')?.certificate?.chain, good['tls.crt']);
  assert.equal(table.sites.get('c.com')?.certificate?.secret, 'default/good');
  assert.equal(table.sites.get('d.com')?.certificate, undefined);
  assert.deepEqual(
    findings.map(({ ingress, code }) => `${ingress} ${code}`),
    [
      'default/c CERTIFICATE_FOR_OTHER_HOST',
      'default/d SECRET_INVALID',
      'default/e SECRET_INVALID',
    ],
  );
});

test('a second compilation keeps what did not change, and takes on what did', () => {
  const compiler = new RouteCompiler(settings);
  const ingresses: IngressSketch[] = [
    { name: 'a', paths: { 'a.com/': 'web' } },
    { name: 'b', paths: { 'b.com/': 'api' } },
  ];
  const world = worldOf({ services, ingresses });
  const { table: before } = compiler.compile(world);
  const grown = worldOf({ services: { web: { ips: ['10.244.0.2', '10.244.1.2'] } }, ingresses });
  const slices = new Map([...world.slices, ...grown.slices]);
  const { table: after } = compiler.compile({ ...world, slices });
  assert.equal(after.sites.get('a.com'), before.sites.get('a.com'));
  assert.equal(
    after.backends.get('default/api:80 http'),
    before.backends.get('default/api:80 http'),
  );
  const ips = after.backends.get('default/web:80 http')?.upstreams.map(({ ip }) => ip);
  assert.deepEqual(ips, ['10.244.0.2', '10.244.1.2']);
});

test('a Secret that an annotation names is followed', () => {
  const compiler = new RouteCompiler(settings);
  const annotations = { 'auth-type': 'basic', 'auth-secret': 'users' };
  const sketch = { services, ingresses: [{ name: 'a', paths: { 'a.com/': 'web' }, annotations }] };
  const world = worldOf(sketch);
  const usersOf = (at: typeof world): unknown =>
    compiler.compile(at).table.sites.get('a.com')?.routes[0]?.policy.basicAuth?.users;
  assert.equal(usersOf(world), undefined);
  const { secrets } = worldOf({ secrets: { users: { auth: 'ann:$apr1$x\nbob:{SHA}y' } } });
  assert.deepEqual(
    usersOf({ ...world, secrets }),
    new Map([
      ['ann', '$apr1$x'],
      ['bob', '{SHA}y'],
    ]),
  );
});

test('backends: what the Service and its slices say', () => {
  const ports = [{ name: 'http', port: 80, appProtocol: 'kubernetes.io/h2c' }];
  const { table } = compile({
    services: {
      h2c: { spec: { ports } },
      external: { spec: { type: 'ExternalName', externalName: 'example.com', ports: [] } },
    },
    ingresses: [
      { name: 'a', paths: { 'a.com/': 'h2c', 'a.com/x': 'external:443' }, annotations: {} },
      {
        name: 'b',
        paths: { 'b.com/': 'h2c' },
        annotations: { 'service-upstream': 'true', 'backend-protocol': 'GRPC' },
      },
    ],
  });
  const told = [...table.backends.values()].map(({ id, protocol, upstreams }) => [
    id,
    protocol,
    upstreams.map(({ ip, port }) => `${ip}:${port}`).join(),
  ]);
  assert.deepEqual(told, [
    ['default/h2c:80 http', 'h2c', '10.244.0.2:8080'],
    ['default/external:443 http', 'http', 'example.com:443'],
    ['default/h2c:80 grpc vip', 'grpc', '10.96.0.99:80'],
  ]);
});

test('aliases answer like the host, with its certificate', () => {
  const ingresses = [
    { name: 'a', paths: { 'a.com/x': 'web' }, annotations: { 'server-alias': 'b.com, C.com' } },
  ];
  const { table } = compile({ services, ingresses });
  assert.deepEqual([...table.sites.keys()], ['a.com', 'b.com', 'c.com']);
  assert.equal(table.sites.get('c.com')?.routes[0]?.backend, 'default/web:80 http');
});
