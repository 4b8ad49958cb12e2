import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Service, ServiceSpec } from '../../kube/index.ts';
import { serviceEnvironment } from './service-env.ts';

function service(name: string, spec: Partial<ServiceSpec>, namespace = 'shop'): Service {
  const ports = [{ port: 80 }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { ports, ...spec },
  };
}

const kubernetes = service('kubernetes', { clusterIP: '10.96.0.1' }, 'default');

function variables(
  services: readonly Service[],
  spec: Partial<Pod['spec']> = {},
): Record<string, string> {
  const all = [kubernetes, ...services];
  const cache = {
    list: () => all,
    get: (key: string) =>
      all.find(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}` === key),
  };
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers: [], ...spec },
  };
  return Object.fromEntries(serviceEnvironment({ caches: { services: cache } }, pod));
}

/** The names of the variables that are not the API Service's. */
function own(services: readonly Service[], spec?: Partial<Pod['spec']>): string[] {
  return Object.keys(variables(services, spec)).filter((name) => !name.startsWith('KUBERNETES'));
}

test('a Service has its host, its ports by name, and the links that Docker once made', () => {
  const ports = [
    { name: 'http', port: 80 },
    { name: 'dns-udp', port: 53, protocol: 'UDP' as const },
  ];
  const result = variables([service('my-web', { clusterIP: '10.96.0.7', ports })]);
  assert.deepEqual(
    Object.fromEntries(Object.entries(result).filter(([name]) => name.startsWith('MY_WEB'))),
    {
      MY_WEB_SERVICE_HOST: '10.96.0.7',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_PORT: 'tcp://10.96.0.7:80',
      MY_WEB_SERVICE_PORT_HTTP: '80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.7:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.7',
      MY_WEB_SERVICE_PORT_DNS_UDP: '53',
      MY_WEB_PORT_53_UDP: 'udp://10.96.0.7:53',
      MY_WEB_PORT_53_UDP_PROTO: 'udp',
      MY_WEB_PORT_53_UDP_PORT: '53',
      MY_WEB_PORT_53_UDP_ADDR: '10.96.0.7',
    },
  );
});

test('a name that begins with a digit makes variables that do, too (row 38)', () => {
  const names = own([service('1st-shop', { clusterIP: '10.96.0.9' })]);
  assert.deepEqual(names.slice(0, 2), ['1ST_SHOP_SERVICE_HOST', '1ST_SHOP_SERVICE_PORT']);
});

test('an IPv6 address stands in brackets in URLs only', () => {
  const result = variables([service('six', { clusterIP: 'fd00::7' })]);
  assert.equal(result['SIX_PORT'], 'tcp://[fd00::7]:80');
  assert.equal(result['SIX_SERVICE_HOST'], 'fd00::7');
});

test('what has no address of its own has no variables', () => {
  const headless = service('headless', { clusterIP: 'None' });
  const external = service('external', { type: 'ExternalName' });
  const portless = service('portless', { clusterIP: '10.96.0.9', ports: [] });
  assert.deepEqual(own([headless, external, portless]), []);
});

test('Services of other namespaces are not told, the API always is', () => {
  const other = service('other', { clusterIP: '10.96.0.8' }, 'elsewhere');
  assert.deepEqual(own([other]), []);
  assert.equal(variables([])['KUBERNETES_SERVICE_HOST'], '10.96.0.1');
});

test('enableServiceLinks: false leaves the API alone', () => {
  const web = service('web', { clusterIP: '10.96.0.7' });
  const spec = { enableServiceLinks: false };
  assert.deepEqual(own([web], spec), []);
  assert.equal(variables([web], spec)['KUBERNETES_SERVICE_HOST'], '10.96.0.1');
});
