import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  configMapKind,
  ingressKind,
  type AnyObject,
  type Ingress,
  type IngressClass,
  type KubeObject,
} from '../../kube/index.ts';
import type { AdmissionReader } from './contract.ts';
import { IngressAdvice } from './ingress-advice.ts';
import { creation, readerOf } from './testing/requests.ts';

const nginx: IngressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
};
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
};
Object.assign(service, { spec: { ports: [{ port: 80 }] } });

function ingress(annotations: Readonly<Record<string, string>> = {}): Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop', annotations: { ...annotations } },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}

async function advice(
  reader: AdmissionReader,
  written = ingress(),
  log?: (text: string) => void,
): Promise<readonly string[] | undefined> {
  const plugin = new IngressAdvice({ reader, ...(log === undefined ? {} : { log }) });
  const outcome = plugin.admit(creation(ingressKind, written));
  return outcome?.advise?.(written as unknown as AnyObject);
}

describe('IngressAdvice', () => {
  test('says nothing when all is well', async () => {
    assert.deepEqual(await advice(readerOf([nginx, service])), []);
  });

  test('names field, value and remedy of what is wrong', async () => {
    const name = 'nginx.ingress.kubernetes.io/server-snippet';
    const [annotation = '', missing = '', ...others] =
      (await advice(readerOf([nginx]), ingress({ [name]: 'deny all;' }))) ?? [];
    assert.match(annotation, /^metadata\.annotations\[nginx\..*server-snippet\]: not honoured: /);
    assert.match(
      missing,
      /^spec\.rules\[0\]\S+\.backend: shop\/web:80: the Service does not exist/,
    );
    assert.deepEqual(others, []);
  });

  test('knows of the older Ingress that has the path, and forgets one that is gone', async () => {
    const objects: KubeObject[] = [nginx, service];
    const reader = readerOf(objects);
    const plugin = new IngressAdvice({ reader });
    const write = async (name: string, creationTimestamp: string): Promise<readonly string[]> => {
      const written = ingress();
      Object.assign(written.metadata, { name, creationTimestamp });
      const outcome = plugin.admit(creation(ingressKind, written));
      objects.push(written);
      outcome?.done?.(written as unknown as AnyObject);
      return (await outcome?.advise?.(written as unknown as AnyObject)) ?? [];
    };
    assert.deepEqual(await write('older', '2026-01-01T00:00:00Z'), []);
    const [conflict = ''] = await write('younger', '2026-01-02T00:00:00Z');
    assert.match(conflict, /belong to the older Ingress shop\/older$/);
    objects.splice(2);
    assert.deepEqual(await write('younger', '2026-01-02T00:00:00Z'), []);
  });

  test('is asked for Ingresses alone, not for their status', () => {
    const plugin = new IngressAdvice({ reader: readerOf([]) });
    const others = [
      { ...creation(ingressKind, ingress()), subresource: 'status' },
      creation(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
    ];
    for (const request of others) assert.equal(plugin.admit(request), undefined);
  });

  test('lets no write suffer from what is wrong with itself', async () => {
    const logged: string[] = [];
    const fail = (): never => {
      throw new Error('no store');
    };
    const log = (text: string): void => void logged.push(text);
    assert.deepEqual(await advice({ get: fail, list: fail }, ingress(), log), []);
    assert.deepEqual(logged, ['no advice about Ingress shop/web: no store']);
  });
});
