// A browser opens a page through an Ingress: what it does by itself, and what it refuses to do.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { noBrowser, visit } from './browser.ts';
import { TestCluster, until } from './harness.ts';
import { IngressClient } from './ingress-client.ts';
import { certificate, peer } from './ingress-objects.ts';
import { manifest, pod } from './manifests.ts';

const hosts = ['shop.test', 'open.test', 'closed.test'] as const;

/** The page, from a ConfigMap, on port 8080. */
const page = pod('page', {
  containers: [
    {
      script: 'exec httpd -f -p 8080 -h /www',
      readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
      volumeMounts: [{ name: 'page', mountPath: '/www' }],
    },
  ],
  volumes: [{ name: 'page', configMap: { name: 'page' } }],
});

function service(name: string, selector: Readonly<Record<string, string>>): object {
  const spec = { selector, ports: [{ port: 80, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

interface IngressFields {
  /** Path -> Service. */
  readonly paths: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An Ingress of its own for `NAME.test`, with TLS. */
function ingress(name: string, { paths, annotations = {} }: IngressFields): object {
  const host = `${name}.test`;
  const entries = Object.entries(annotations).map(([key, value]) => [
    `nginx.ingress.kubernetes.io/${key}`,
    value,
  ]);
  const rule = Object.entries(paths).map(([path, to]) => ({
    path,
    pathType: 'Prefix',
    backend: { service: { name: to, port: { number: 80 } } },
  }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations: Object.fromEntries(entries) },
    spec: {
      rules: [{ host, http: { paths: rule } }],
      tls: [{ hosts: [host], secretName: 'shop' }],
    },
  };
}

const cors = { 'enable-cors': 'true', 'cors-allow-origin': 'https://shop.test' };
const shown = certificate('shop', ...hosts);
const stranger = certificate('stranger', ...hosts);

const cluster = new TestCluster();
const { kubectl } = cluster;
const client = new IngressClient(cluster);

after(() => cluster.close());

describe('a browser', { skip: noBrowser }, () => {
  let address = '';

  /** Waits until each host answers from its pods, under the certificate of the Secret. */
  async function live(): Promise<void> {
    const authorities = join(cluster.home, 'authorities.pem');
    writeFileSync(authorities, shown.chain);
    for (const host of hosts) {
      await until(`200 from ${host}`, async () => {
        const { status } = await client.ask(address, `https://${host}/`, '--cacert', authorities);
        return status === 200 ? true : undefined;
      });
    }
  }

  before(async () => {
    await cluster.start('--addons', 'ingress');
    const file = join(import.meta.dirname, 'ingress-page.html');
    await kubectl('create', 'configmap', 'page', `--from-file=index.html=${file}`);
    await kubectl.apply(
      manifest(
        shown.secret,
        page,
        peer('peer-1'),
        peer('peer-2'),
        service('page', { app: 'page' }),
        service('peer', { tier: 'peer' }),
        ingress('shop', {
          paths: { '/': 'page', '/api': 'peer', '/events': 'peer' },
          annotations: { affinity: 'cookie' },
        }),
        ingress('open', { paths: { '/': 'peer' }, annotations: cors }),
        ingress('closed', { paths: { '/': 'peer' } }),
      ),
    );
    await cluster.ready('app=page');
    await cluster.ready('tier=peer');
    address = await client.address('shop');
    await live();
  });

  describe('with a page that asks for more', () => {
    let told: Readonly<Record<string, unknown>> = {};

    before(async () => {
      const html = await visit(cluster, 'http://shop.test/', { address, trusted: shown.chain });
      const [, answers] = /<output>(.+)<\/output>/u.exec(html) ?? [];
      assert.ok(answers !== undefined, `the page has no answers:\n${html}`);
      told = JSON.parse(answers) as Record<string, unknown>;
      assert.equal(told['error'], undefined);
    });

    test('goes from http to https, and to HTTP/2', () => {
      assert.deepEqual([told['url'], told['protocol']], ['https://shop.test/', 'h2']);
    });

    test('reaches another Service by path, and keeps its pod by cookie', () => {
      const pods = told['pods'] as readonly string[];
      assert.match(pods[0] ?? '', /^peer-[12]$/u);
      assert.deepEqual(
        pods,
        Array.from(pods, () => pods[0]),
      );
    });

    test('talks over a WebSocket and hears events', () => {
      const [greeting, echo] = told['talk'] as readonly string[];
      assert.match(greeting ?? '', /^hello from peer-[12] at \/api\/chat$/u);
      assert.equal(echo, 'text');
      const heard = (told['listen'] as readonly string[]).map(Number);
      assert.deepEqual(heard, [1, 2, 3]);
    });

    test('asks another origin that gives leave, and none that does not', () => {
      assert.deepEqual(told['open'], [200, 'PUT']);
      assert.equal(told['closed'], 'TypeError');
    });
  });

  test('opens no page under a certificate that it does not trust', async () => {
    await assert.rejects(
      visit(cluster, 'https://shop.test/', { address, trusted: stranger.chain }),
      /Page load failed: net::ERR_CERT_AUTHORITY_INVALID/u,
    );
  });
});
