import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import { TokenKey } from './jwt.ts';
import { createPki } from './pki.ts';
import { defaultIssuer, ServiceAccountTokens } from './service-account-tokens.ts';

const key = new TokenKey(createPki({ now: Date.now() }).serviceAccountKey);

function object(kind: string, name: string): AnyObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: `uid-${name}` } };
}

function requestFor(spec: Record<string, unknown>): AnyObject {
  return { apiVersion: 'v1', kind: 'TokenRequest', metadata: { name: '' }, spec };
}

describe('service account tokens', () => {
  const account = object('ServiceAccount', 'robot');
  let clock: FakeClock;
  let stored: Map<string, AnyObject>;
  let tokens: ServiceAccountTokens;

  beforeEach(() => {
    clock = new FakeClock();
    stored = new Map([
      ['serviceaccounts/robot', account],
      ['pods/web', object('Pod', 'web')],
    ]);
    const read = async (plural: string, { name }: { name: string }) =>
      stored.get(`${plural}/${name}`);
    tokens = new ServiceAccountTokens({ key, clock, read });
  });

  async function issue(spec: Record<string, unknown> = {}): Promise<string> {
    const { status } = await tokens.issue(account, requestFor(spec));
    return (status as { token: string }).token;
  }

  it('speak for their account and its groups', async () => {
    const identity = await tokens.identify(await issue());
    assert.equal(identity?.user.name, 'system:serviceaccount:default:robot');
    assert.equal(identity?.user.uid, 'uid-robot');
    assert.deepEqual(identity?.user.groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      'system:authenticated',
    ]);
    assert.deepEqual(identity?.audiences, [defaultIssuer]);
  });

  it('name the pod that they are bound to, and end with it', async () => {
    const token = await issue({ boundObjectRef: { kind: 'Pod', name: 'web', uid: 'uid-web' } });
    const { extra } = (await tokens.identify(token))?.user ?? {};
    assert.deepEqual(extra?.['authentication.kubernetes.io/pod-name'], ['web']);
    stored.delete('pods/web');
    assert.equal(await tokens.identify(token), undefined);
  });

  it('end with their account, also when another of its name comes', async () => {
    const token = await issue();
    const another = { ...account, metadata: { ...account.metadata, uid: 'another' } };
    stored.set('serviceaccounts/robot', another);
    assert.equal(await tokens.identify(token), undefined);
  });

  it('expire', async () => {
    const token = await issue({ expirationSeconds: 600 });
    await clock.advance(599_000);
    assert.ok(await tokens.identify(token));
    await clock.advance(2_000);
    assert.equal(await tokens.identify(token), undefined);
  });

  it('cannot be forged', async () => {
    const [header, claims = '', signature] = (await issue()).split('.');
    const forged = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
    const text = Buffer.from(JSON.stringify({ ...forged, exp: 9e9 })).toString('base64url');
    assert.equal(await tokens.identify(`${header}.${text}.${signature}`), undefined);
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    assert.equal(await tokens.identify(`${unsigned}.${claims}.`), undefined);
    assert.equal(await tokens.identify('nonsense'), undefined);
  });

  it('are refused for less than ten minutes, and for objects that are not there', async () => {
    await assert.rejects(issue({ expirationSeconds: 599 }), {
      reason: 'Invalid',
      message:
        'TokenRequest.authentication.k8s.io "robot" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    });
    await assert.rejects(issue({ boundObjectRef: { kind: 'Pod', name: 'gone' } }), {
      reason: 'NotFound',
    });
    await assert.rejects(issue({ boundObjectRef: { kind: 'Node', name: 'n' } }), {
      reason: 'Invalid',
    });
  });
});
