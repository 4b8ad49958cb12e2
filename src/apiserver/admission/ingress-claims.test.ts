import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ingressKind, type AnyObject, type Ingress } from '../../kube/index.ts';
import { IngressAdvice } from './ingress-advice.ts';
import { IngressClaims } from './ingress-claims.ts';
import { readerOf, requestOf } from './testing/requests.ts';

function ingress(name: string, path: string): Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'shop' },
    spec: { rules: [{ host: 'a.test', http: { paths: [{ path, pathType: 'Prefix', backend }] } }] },
  };
}

describe('IngressClaims', () => {
  test('names those that claim the same host and path, read before or written since', async () => {
    const claims = new IngressClaims(readerOf([ingress('read', '/a'), ingress('other', '/b')]));
    claims.add(ingress('written', '/a'));
    const near = await claims.near(ingress('new', '/a'));
    assert.deepEqual(near.toSorted(), ['shop/read', 'shop/written']);
  });

  test('forgets what was taken back, and keeps what others claim', async () => {
    const claims = new IngressClaims(readerOf([]));
    claims.add(ingress('one', '/a'));
    claims.add(ingress('two', '/a'));
    claims.remove(ingress('one', '/a'));
    claims.remove(ingress('unknown', '/b'));
    assert.deepEqual(await claims.near(ingress('new', '/a')), ['shop/two']);
  });

  test('follow the changes and deletions that IngressAdvice hears of', async () => {
    const read: string[] = [];
    const plugin = new IngressAdvice({
      reader: {
        list: () => [],
        get: (resource, { name }) => {
          if (resource.kind === 'Ingress') read.push(name);
          return undefined;
        },
      },
    });
    /** The Ingresses that are looked at for advice about the change. */
    const near = async (previous?: Ingress, object?: Ingress): Promise<string[]> => {
      read.length = 0;
      const parts = {
        previous: previous as unknown as AnyObject,
        object: object as unknown as AnyObject,
      };
      const outcome = plugin.admit(requestOf(ingressKind, parts));
      const written = (object ?? previous) as unknown as AnyObject;
      outcome?.done?.(written);
      await outcome?.advise?.(written);
      return read.toSorted();
    };
    await near(undefined, ingress('one', '/a'));
    assert.deepEqual(await near(undefined, ingress('two', '/a')), ['one', 'two']);
    assert.deepEqual(await near(ingress('one', '/a'), ingress('one', '/b')), ['one']);
    await near(ingress('two', '/a'));
    assert.deepEqual(await near(undefined, ingress('three', '/a')), ['three']);
  });
});
