// NetworkPolicies in all their forms, and ClusterNetworkPolicies, as clients write and read them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { firstNetworkPolicyBody, firstNetworkPolicyPath } from './testing/first-network-policy.ts';
import { startTestServer, type TestServer } from './testing/api-server.ts';
import { ask, openHttp2, watchLines } from './testing/http.ts';
import { kubectls, KubectlRunner, type Kubectl } from './testing/kubectl.ts';

const today = '/apis/networking.k8s.io/v1/namespaces/tenant-a/networkpolicies';

const extensionsPolicy = `
apiVersion: extensions/v1beta1
kind: NetworkPolicy
metadata: {name: access-nginx, namespace: tenant-a}
spec:
  podSelector: {matchLabels: {app: nginx}}
  ingress: [{from: [{podSelector: {matchLabels: {access: "true"}}}]}]
`;

const firstPolicy = `
apiVersion: net.alpha.kubernetes.io/v1alpha1
kind: NetworkPolicy
metadata: {name: pol2, namespace: tenant-a}
spec:
  podSelector: {segment: backend}
  allowIncoming: {from: [{pods: {segment: frontend}}], toPorts: [{port: 80, protocol: TCP}]}
`;

const clusterPolicy = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: keep-apart}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {}}
  egress:
  - {action: Deny, to: [{networks: [10.0.0.0/8]}]}
`;

async function startWithNamespace(): Promise<TestServer> {
  const server = await startTestServer();
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenant-a' } };
  await ask(server, '/api/v1/namespaces', { method: 'POST', body: namespace });
  return server;
}

describe('the first form of NetworkPolicy', () => {
  let server: TestServer;
  before(async () => {
    server = await startWithNamespace();
  });
  after(() => server.close());

  it('is created where the course posts it, and says what became of it', async () => {
    const { status, headers, object } = await ask(server, firstNetworkPolicyPath, {
      method: 'POST',
      body: firstNetworkPolicyBody,
    });
    assert.equal(status, 201);
    assert.match(
      String(headers['warning']),
      /299 - "[^"]*stored as networkpolicy\.networking\.k8s\.io\/pol1; [^"]*kubectl get networkpolicy pol1 -n tenant-a -o yaml"/,
    );
    assert.equal(object.apiVersion, 'net.alpha.kubernetes.io/v1alpha1');
    const stored = await ask(server, `${today}/pol1`);
    assert.deepEqual(stored.object['spec'], {
      podSelector: { matchLabels: { segment: 'backend' } },
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { segment: 'frontend' } } }],
          ports: [{ port: 80, protocol: 'TCP' }],
        },
      ],
      policyTypes: ['Ingress'],
    });
  });

  it('is read, listed, replaced, patched and deleted in its own words', async () => {
    const path = `${firstNetworkPolicyPath}pol1`;
    const { object } = await ask(server, path);
    assert.deepEqual(object['spec'], firstNetworkPolicyBody.spec);
    const { object: list } = await ask(server, firstNetworkPolicyPath);
    assert.deepEqual([list.kind, list.apiVersion], ['NetworkPolicyList', object.apiVersion]);
    assert.deepEqual(list['items'], [object]);
    const next = { ...object, spec: { podSelector: { segment: 'backend' } } };
    const replaced = await ask(server, path, { method: 'PUT', body: next });
    assert.deepEqual(replaced.object['spec'], next.spec);
    const patched = await ask(server, path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { spec: { allowIncoming: { toPorts: [{ port: 'web' }] } } },
    });
    const allowIncoming = { toPorts: [{ port: 'web', protocol: 'TCP' }] };
    assert.deepEqual(patched.object['spec'], { ...next.spec, allowIncoming });
    assert.equal((await ask(server, path, { method: 'DELETE' })).status, 200);
    assert.equal((await ask(server, `${today}/pol1`)).status, 404);
  });

  it('is refused with its own fields, and with those of what it is stored as', async () => {
    const post = async (spec: object): Promise<string> => {
      const body = { ...firstNetworkPolicyBody, spec };
      const path = `${firstNetworkPolicyPath}?fieldValidation=Strict`;
      return (await ask(server, path, { method: 'POST', body })).object.message ?? '';
    };
    assert.match(await post({ ingress: [] }), /unknown field "spec\.ingress"/);
    assert.match(
      await post({ allowIncoming: { from: [{ pods: null }] } }),
      /spec\.ingress\[0\]\.from\[0\]: Required value: must specify a peer/,
    );
  });

  it('is watched beside the form of today', async () => {
    const session = openHttp2(server);
    const events = watchLines(session, `${firstNetworkPolicyPath}?watch=true&resourceVersion=0`);
    const first = events.next();
    const spec = { podSelector: {}, policyTypes: ['Egress'] };
    const body = { kind: 'NetworkPolicy', metadata: { name: 'no-egress' }, spec };
    await ask(server, today, { method: 'POST', body });
    const { object, type } = (await first).value ?? {};
    assert.deepEqual(
      [type, object?.apiVersion, object?.['spec']],
      ['ADDED', 'net.alpha.kubernetes.io/v1alpha1', {}],
    );
    await events.return(undefined);
    session.close();
    await ask(server, `${today}/no-egress`, { method: 'DELETE' });
  });
});

function testWith(kubectl: Kubectl): void {
  let server: TestServer;
  let runner: KubectlRunner;
  before(async () => {
    server = await startWithNamespace();
    runner = new KubectlRunner(kubectl, server);
    await runner.open();
  });
  after(() => server.close());

  async function ok(line: string): Promise<string> {
    const { code, text } = await runner.run(line.split(' '));
    assert.equal(code, 0, text);
    return text;
  }

  it('applies what charts of old hold, and describes it as courses show it', async () => {
    const file = await runner.manifest('extensions.yaml', extensionsPolicy);
    const said = await ok(`apply -f ${file}`);
    assert.match(said, /^networkpolicy\.extensions\/access-nginx created$/m);
    assert.match(
      said,
      /^Warning: extensions\/v1beta1 NetworkPolicy is deprecated .*; use networking\.k8s\.io\/v1 NetworkPolicy/m,
    );
    const described = await ok('describe networkpolicy access-nginx -n tenant-a');
    assert.equal(
      described.replace(/^Created on: .*$/m, 'Created on:'),
      `Name:         access-nginx
Namespace:    tenant-a
Created on:
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     app=nginx
  Allowing ingress traffic:
    To Port: <any> (traffic allowed to all ports)
    From:
      PodSelector: access=true
  Not affecting egress traffic
  Policy Types: Ingress
`,
    );
    const row = /^NAME +POD-SELECTOR +AGE\naccess-nginx +app=nginx +\d+s\n$/;
    assert.match(await ok('get networkpolicies.v1beta1.extensions -n tenant-a'), row);
    assert.match(await ok('get netpol -n tenant-a'), row);
    assert.match(await ok(`delete -f ${file}`), /"access-nginx" deleted/);
  });

  it('creates and shows the first form', async () => {
    const file = await runner.manifest('first.yaml', firstPolicy);
    assert.match(
      await ok(`create -f ${file}`),
      /^networkpolicy\.net\.alpha\.kubernetes\.io\/pol2 created$/m,
    );
    assert.match(await ok('get networkpolicys -n tenant-a'), /^pol2 +segment=backend +\d+s$/m);
    assert.match(await ok('get -n tenant-a networkpolicys pol2 -o yaml'), /allowIncoming:/);
    assert.match(
      await ok('explain networkpolicys.spec.allowIncoming.from'),
      /labels of namespaces/,
    );
    assert.match(await ok(`delete -f ${file}`), /"pol2" deleted/);
  });

  it('takes networkpolicy for that of networking.k8s.io', async () => {
    const created = await ok('get networkpolicy -n tenant-a -o yaml');
    assert.doesNotMatch(created, /v1beta1|v1alpha1/);
    const resources = await ok('api-resources');
    assert.match(resources, /^networkpolicies +netpol +networking\.k8s\.io\/v1 +true/m);
    assert.match(resources, /^networkpolicies +extensions\/v1beta1 +true +NetworkPolicy$/m);
    assert.match(resources, /^networkpolicys +net\.alpha\.kubernetes\.io\/v1alpha1 +true/m);
    assert.match(await ok('explain networkpolicy'), /networking\.k8s\.io/);
  });

  it('writes, shows and explains cluster policies', async () => {
    const file = await runner.manifest('cluster.yaml', clusterPolicy);
    const name = 'clusternetworkpolicy.policy.networking.k8s.io/keep-apart';
    const said = await ok(`apply -f ${file}`);
    assert.equal(said.replaceAll(/^Warning: .*\n/gm, ''), `${name} created\n`);
    assert.match(said, /^Warning: ClusterNetworkPolicy keep-apart: spec\.subject /m);
    assert.equal(await ok(`apply -f ${file}`), `${name} unchanged\n`);
    assert.match(await ok('get cnp'), /^NAME +TIER +PRIORITY +AGE\nkeep-apart +Admin +10 +\d+s\n$/);
    assert.match(await ok('describe cnp keep-apart'), /^ +Action: +Deny$/m);
    assert.match(await ok('explain cnp.spec.priority'), /lower ones are asked first/);
    const wrong = await runner.manifest('wrong.yaml', clusterPolicy.replace('Deny', 'Drop'));
    const { text } = await runner.run(['apply', '-f', wrong]);
    assert.match(text, /spec\.egress\[0\]\.action: Unsupported value: "Drop"/);
  });
}

for (const kubectl of kubectls) {
  describe(`policies with the ${kubectl.name}`, { skip: kubectl.skip }, () => testWith(kubectl));
}
