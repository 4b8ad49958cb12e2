import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCertificateSecret } from '../testing/certificate-secret.ts';
import {
  document,
  explaining,
  nodeText,
  podText,
  policyText,
  runningAt,
  serviceText,
} from '../testing/explaining.ts';
import type { Story } from '../contract.ts';
import { ownReasons } from '../reasons.ts';
import { parseRequest } from './request.ts';

interface Rule {
  readonly host?: string;
  readonly path?: string;
  readonly pathType?: string;
  readonly service?: string;
}

interface Fields {
  readonly rules?: readonly Rule[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

function ingressText(name: string, { rules = [{}], annotations = {}, spec }: Fields = {}): string {
  const prefixed = Object.entries(annotations).map(
    ([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value] as const,
  );
  return document({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations: Object.fromEntries(prefixed) },
    spec: {
      ingressClassName: 'nginx',
      rules: rules.map(({ host = 'a.test', path = '/', pathType = 'Prefix', service = 'web' }) => ({
        host,
        http: {
          paths: [
            { path, pathType, backend: { service: { name: service, port: { number: 80 } } } },
          ],
        },
      })),
      ...spec,
    },
  });
}

const web = podText('web') + serviceText('web');

/** `tls X, request Y, ...` of the way from the controller on; `!` stops. */
function behind({ paths }: Story): string {
  const path = paths.find(({ hops }) => hops.some(({ step }) => ['tls', 'request'].includes(step)));
  return (path?.hops ?? [])
    .map(({ step, reason, outcome }) => `${step} ${reason}${outcome === 'stops' ? '!' : ''}`)
    .join(', ');
}

function details(story: Story): string[] {
  const hops = story.paths.flatMap((path) => path.hops);
  const hop = hops.find(({ step }) => step === 'request');
  return hop?.details.map(({ sentence }) => sentence) ?? [];
}

const tls = { spec: { tls: [{ hosts: ['a.test'], secretName: 'cert' }] } };
const isolated = policyText('web', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Ingress'],
});

/** What is asked, and what of it is told. */
const cases: readonly {
  readonly manifest: string;
  readonly url: string;
  readonly told: RegExp;
}[] = [
  {
    manifest: web + ingressText('web'),
    url: 'http://a.test/x',
    told: /^request FORWARDED, service READY_ENDPOINTS, egress NO_POLICY_SELECTS, route NODES_NOT_KNOWN, ingress NO_POLICY_SELECTS, listen PORT_DECLARED$/,
  },
  {
    manifest: web + ingressText('web', tls) + createCertificateSecret('cert', 'a.test'),
    url: 'https://a.test/',
    told: /^tls SECRET_CERTIFICATE, request FORWARDED/,
  },
  {
    manifest: web + ingressText('web', tls),
    url: 'https://a.test/',
    told: /^tls FALLBACK_CERTIFICATE, request FORWARDED/,
  },
  {
    manifest: web + ingressText('web', { annotations: { 'ssl-passthrough': 'true' } }),
    url: 'https://a.test/',
    told: /^tls TLS_PASSED_ON, service READY_ENDPOINTS, egress/,
  },
  {
    manifest: web + ingressText('web', tls),
    url: 'http://a.test/',
    told: /^request REDIRECTED_TO_HTTPS$/,
  },
  { manifest: web + ingressText('web'), url: 'http://b.test/', told: /^request NO_ROUTE!$/ },
  {
    manifest: web + ingressText('web', { rules: [{ service: 'wbe' }] }),
    url: 'http://a.test/',
    told: /^request NO_UPSTREAM!, service NO_SUCH_SERVICE!$/,
  },
  {
    manifest:
      podText('web') + serviceText('web', { selector: { app: 'wbe' } }) + ingressText('web'),
    url: 'http://a.test/',
    told: /^request NO_UPSTREAM!, service SELECTOR_MATCHES_NO_POD!$/,
  },
  {
    manifest: web + ingressText('web', { annotations: { 'allowlist-source-range': '10.9.9.9' } }),
    url: 'http://a.test/',
    told: /^request ADDRESS_NOT_ALLOWED!$/,
  },
  {
    manifest: web + ingressText('web') + isolated,
    url: 'http://a.test/',
    told: /^request FORWARDED, .* ingress NO_RULE_ADMITS!, listen/,
  },
  {
    manifest: nodeText('node1', '172.18.0.2', '10.244.0.0/24') + ingressText('web'),
    url: 'http://a.test/',
    told: /^request NO_CONTROLLER!$/,
  },
];

describe('a request from outside', () => {
  for (const { manifest, url, told } of cases) {
    test(`${url}: ${told.source}`, () => {
      const story = explaining(manifest)('outside', url);
      assert.match(behind(story), told);
      assert.equal(story.admits, !behind(story).includes('!'));
    });
  }

  test('every reason of requests is in a case above', () => {
    const expected = cases.map(({ told }) => told.source).join(' ');
    const codes = [...Object.keys(ownReasons.tls), ...Object.keys(ownReasons.request)];
    assert.deepEqual(
      codes.filter((code) => !expected.includes(code)),
      [],
    );
  });
});

describe('what is told beside', () => {
  test('the rule by the identifiers of the access log, the runner-up, what is asked for', () => {
    const rules = [{ path: '/' }, { path: '/app/(.*)', pathType: 'ImplementationSpecific' }];
    const annotations = { 'rewrite-target': '/$1' };
    const manifest = web + ingressText('web', { rules, annotations });
    const story = explaining(manifest)('outside', 'http://a.test/app/x?q=1');
    assert.deepEqual(story.http?.rule, { ingress: 'default/web', rule: 1, path: 0 });
    assert.deepEqual(story.http?.runnersUp, [{ ingress: 'default/web', rule: 0, path: 0 }]);
    assert.equal(story.http?.upstreamTarget, '/x?q=1');
    assert.equal(story.http?.backend, 'default/web:80');
    assert.match(details(story)[0] ?? '', /^the runner-up is rules\[0\]\.paths\[0\] /);
    assert.equal(details(story)[1], 'the endpoint is asked for /x?q=1');
  });

  test('canaries, passwords, and annotations that are not honoured', () => {
    const annotations = { 'auth-type': 'basic', 'auth-secret': 'users', 'server-snippet': 'x' };
    const canary = ingressText('canary', {
      annotations: { canary: 'true', 'canary-weight': '30' },
      rules: [{ service: 'next' }],
    });
    const manifest = web + ingressText('web', { annotations }) + canary;
    const told = details(explaining(manifest)('outside', 'http://a.test/')).join('\n');
    assert.match(told, /^a user and a password are asked for$/m);
    assert.match(told, /^30 of 100 requests, .* go to the canary default\/next:80$/m);
    assert.match(told, /server-snippet\]: not honoured: /);
  });

  test('the Ingress that has the name and does not get the request, and why', () => {
    const other = ingressText('other', { spec: { ingressClassName: 'traefik' } });
    const story = explaining(web + other)('outside', 'http://a.test/');
    assert.equal(behind(story), 'request NO_ROUTE!');
    assert.match(
      details(story).join('\n'),
      /^Ingress default\/other, .* no IngressClass "traefik"/m,
    );
  });

  test('the line of the rule, and that the controller was assumed', () => {
    const story = explaining(web + ingressText('web'))('outside', 'http://a.test/');
    const hop = story.paths.at(-1)?.hops.find(({ step }) => step === 'request');
    assert.equal(hop?.field, 'spec.rules[0].http.paths[0]');
    assert.match(hop?.source ?? '', /^shop\.yaml:\d+$/);
    assert.match(story.notes.join('\n'), /^manifests have no ingress controller: /m);
  });

  test('the change of a policy that lets the controller in', () => {
    const story = explaining(web + ingressText('web') + isolated)('outside', 'http://a.test/');
    assert.equal(story.verdict, 'does not admit');
    assert.equal(story.change?.admits, true);
    assert.match(story.change?.manifest ?? '', /metadata\.name: ingress-nginx/);
  });
});

test('a pod asks the controller as anybody does, and policies hold for both ways', () => {
  const manifest = web + podText('client') + ingressText('web');
  const egress = policyText('client', {
    podSelector: { matchLabels: { app: 'client' } },
    policyTypes: ['Egress'],
  });
  assert.equal(explaining(manifest)('pod/client', 'http://a.test/').admits, true);
  const story = explaining(manifest + egress)('pod/client', 'http://a.test/');
  assert.equal(story.verdict, 'does not admit');
  assert.match(behind(story), /^request FORWARDED/);
});

test('the port of a URL is asked for at the controller, where it may be a node port', () => {
  const tell = explaining(web + ingressText('web'));
  const story = tell('outside', 'http://a.test:8080/');
  assert.equal(story.admits, false);
  const sentences = story.paths.flatMap(({ hops }) => hops.map(({ sentence }) => sentence));
  assert.match(sentences.join(), /has no port 8080\/TCP: it has 80\/TCP/);
  assert.equal(tell('outside', 'http://a.test:80/').admits, true);
});

test('pods that are not ready are told as the reason of 503', () => {
  const manifest =
    podText('web', { uid: 'u1', status: runningAt('10.244.0.9', { ready: false }) }) +
    serviceText('web') +
    ingressText('web');
  const story = explaining(manifest)('outside', 'http://a.test/');
  assert.equal(behind(story), 'request NO_UPSTREAM!, service PODS_NOT_READY!');
});

test('URLs are read as clients send them', () => {
  const request = (url: string): unknown => parseRequest(url);
  assert.deepEqual(request('http://A.test:8080/a/../b?x#y'), {
    scheme: 'http',
    host: 'A.test:8080',
    port: 8080,
    target: '/a/../b?x',
  });
  assert.deepEqual(request('HTTPS://a.test'), {
    scheme: 'https',
    host: 'a.test',
    port: 443,
    target: '/',
  });
  for (const none of ['svc/web:80', 'web', 'ftp://a.test/', 'http://']) {
    assert.equal(request(none), undefined);
  }
});

test('a list of addresses is asked about whom the controller sees: a node that puts its own address in place', () => {
  const annotations = { 'allowlist-source-range': '203.0.113.0/24' };
  const story = explaining(web + ingressText('web', { annotations }))('outside', 'http://a.test/');
  assert.equal(story.http?.reason, 'ADDRESS_NOT_ALLOWED');
  const request = story.paths.at(-1)?.hops.find(({ step }) => step === 'request');
  assert.equal(
    request?.details.at(-1)?.sentence,
    'only 203.0.113.0/24 may; the controller sees node node',
  );
});

test('a pod that asks for a Service by its own name is told where that leads', () => {
  const tell = explaining(podText('client') + web + ingressText('web'));
  assert.match(tell('pod/client', 'http://web/').notes[0] ?? '', /: ask about web:80$/);
  assert.match(
    tell('pod/client', 'https://web.default:8443/').notes[0] ?? '',
    /web\.default:8443$/,
  );
  for (const [from, url] of [
    ['outside', 'http://web/'],
    ['pod/client', 'http://a.test/'],
  ] as const) {
    assert.doesNotMatch(tell(from, url).notes.join(), /ask about/);
  }
});
