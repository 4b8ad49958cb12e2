import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, type IngressSketch } from './testing/world.ts';

const services = { web: { ips: ['10.0.0.1'] }, api: { ips: ['10.0.0.2'] } };

test('the oldest decides on client certificates and on where / goes', () => {
  const ingresses: IngressSketch[] = [
    {
      name: 'young',
      paths: { 'foo.com/b': 'api' },
      age: 2,
      annotations: {
        'auth-tls-secret': 'default/ca',
        'auth-tls-verify-client': 'optional',
        'app-root': '/young',
      },
    },
    {
      name: 'old',
      paths: { 'foo.com/a': 'web' },
      age: 1,
      annotations: { 'auth-tls-secret': 'default/ca' },
    },
  ];
  for (const order of [ingresses, ingresses.toReversed()]) {
    const { policy } = compile({ services, ingresses: order }).table.sites.get('foo.com') ?? {};
    assert.equal(policy?.clientCertificate?.mode, 'required');
    // A part in which the oldest has no say.
    assert.equal(policy.appRoot, '/young');
  }
});

describe('of two Ingresses that have the same annotation for the whole host', () => {
  const pair = (older: Record<string, string>, younger: Record<string, string>) =>
    compile({
      services,
      ingresses: [
        { name: 'young', paths: { 'foo.com/b': 'api' }, age: 2, annotations: younger },
        { name: 'old', paths: { 'foo.com/a': 'web' }, age: 1, annotations: older },
      ],
    }).findings.filter(({ code }) => code === 'HOST_POLICY_CONFLICT');

  test('the younger is told what the older decides', () => {
    assert.deepEqual(
      pair(
        { 'auth-tls-secret': 'default/ca', 'app-root': '/old' },
        {
          'auth-tls-secret': 'default/ca',
          'auth-tls-verify-client': 'optional',
          'app-root': '/young',
        },
      ).map(({ ingress, field, message }) => [ingress, field, message]),
      [
        [
          'default/young',
          'metadata.annotations[nginx.ingress.kubernetes.io/app-root]',
          'the older Ingress default/old decides for host "foo.com" where / is sent: this is ignored',
        ],
        [
          'default/young',
          'metadata.annotations[nginx.ingress.kubernetes.io/auth-tls-secret]',
          'the older Ingress default/old decides for host "foo.com" which client certificates are asked for: this is ignored',
        ],
      ],
    );
  });

  test('nobody is told when both say the same, or one says nothing', () => {
    const same = { 'auth-tls-secret': 'default/ca', 'app-root': '/home' };
    assert.deepEqual(pair(same, same), []);
    assert.deepEqual(pair({ 'app-root': '/home' }, { 'auth-tls-secret': 'default/ca' }), []);
  });
});
