import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rcodes, recordTypes, type Message } from '../../dnswire/index.ts';
import { queryOf } from '../../dnswire/testing/messages.ts';
import { EngineLab, worldOf } from '../testing/engine.ts';
import { answersOf } from '../testing/lab.ts';
import type { Peer } from './peer.ts';

const corefile = `. {
  kubernetes cluster.local in-addr.arpa {
    pods verified
  }
  autopath @kubernetes
  prometheus :9153
  loadbalance
}`;
const web = 'web.default.svc.cluster.local.';
const client: Peer = { address: '10.244.0.7', port: 4000, protocol: 'udp' };

const services = {
  'default/web': { clusterIP: '10.96.0.80' },
  'other/db': { clusterIP: '10.96.0.90' },
};

function labOf(text = corefile): EngineLab {
  return new EngineLab(text, {
    services,
    pods: { 'default/client': { ips: [client.address] }, 'other/client': { ips: ['10.244.0.8'] } },
  });
}

/** Texts of the answers to the same query asked three times. */
function thrice(lab: EngineLab, query: Message, peer = client): string[] {
  return [1, 2, 3].map((id) => answersOf(lab.ask({ ...query, id }, peer)).join(' | '));
}

describe('a question that was answered before', () => {
  test('has the same answer, under its own identifier', () => {
    const lab = labOf();
    const [first, second] = [7, 40_000].map((id) =>
      lab.ask(queryOf(web, recordTypes.A, id), client),
    );
    assert.deepEqual([first?.id, second?.id], [7, 40_000]);
    assert.deepEqual({ ...second, id: 7 }, first);
  });

  test('is answered anew once its Service has another address', () => {
    const lab = labOf();
    thrice(lab, queryOf(web));
    lab.world = worldOf({ services: { 'default/web': { clusterIP: '10.96.0.81' } } });
    assert.deepEqual(
      thrice(lab, queryOf(web)),
      Array.from({ length: 3 }, () => `${web} 5 IN A 10.96.0.81`),
    );
  });

  test('has an answer once its Service is there, and none once it is gone', () => {
    const lab = labOf();
    const rcodeOf = (): number => lab.ask(queryOf(web), client).rcode;
    const { world } = lab;
    lab.world = worldOf({ services: { 'default/other': { clusterIP: '10.96.0.1' } } });
    assert.deepEqual([rcodeOf(), rcodeOf()], [rcodes.NXDOMAIN, rcodes.NXDOMAIN]);
    lab.world = world;
    assert.deepEqual([rcodeOf(), rcodeOf()], [rcodes.NOERROR, rcodes.NOERROR]);
    lab.world = worldOf({ services: { 'default/other': { clusterIP: '10.96.0.1' } } });
    assert.equal(rcodeOf(), rcodes.NXDOMAIN);
  });

  test('is answered anew under another configuration', () => {
    const lab = labOf();
    thrice(lab, queryOf(web));
    lab.configure(corefile.replace('pods verified', 'pods verified\n    ttl 60'));
    assert.deepEqual(answersOf(lab.ask(queryOf(web), client)), [`${web} 60 IN A 10.96.0.80`]);
  });

  test('keeps the case that each client writes', () => {
    const lab = labOf();
    for (const name of [web, 'wEb.default.svc.cluster.LOCAL.', web.toUpperCase()]) {
      const [answer] = thrice(lab, queryOf(name)).slice(-1);
      assert.equal(answer, `${name} 5 IN A 10.96.0.80`);
    }
  });

  test('has EDNS in the answer when the question has', () => {
    const lab = labOf();
    const edns = { udpSize: 1232, version: 0, isDnssecOk: true, options: [] };
    const withEdns = (): Message => lab.ask({ ...queryOf(web), edns }, client);
    thrice(lab, queryOf(web));
    assert.deepEqual([withEdns().edns, withEdns().edns], [edns, edns]);
    assert.equal(lab.ask(queryOf(web), client).edns, undefined);
  });

  test('is completed by the search path of the pod that asks', () => {
    const lab = labOf();
    const searched = 'web.default.default.svc.cluster.local.';
    const ask = (address: string): number =>
      lab.ask(queryOf(searched), { ...client, address }).rcode;
    assert.deepEqual([ask('10.244.0.7'), ask('10.244.0.7')], [rcodes.NOERROR, rcodes.NOERROR]);
    assert.deepEqual([ask('10.244.0.8'), ask('10.244.0.8')], [rcodes.NXDOMAIN, rcodes.NXDOMAIN]);
  });

  test('lets addresses take turns', () => {
    const lab = labOf();
    const addresses = ['10.244.1.1', '10.244.1.2', '10.244.1.3'];
    lab.world = worldOf({
      services: {
        'default/web': {
          clusterIP: 'None',
          endpoints: addresses.map((one) => ({ addresses: [one] })),
        },
      },
    });
    assert.equal(new Set(thrice(lab, queryOf(web))).size, 3);
  });

  test('is logged every time', () => {
    const lab = labOf(corefile.replace('loadbalance', 'log'));
    thrice(lab, queryOf(web));
    assert.equal(lab.lines.length, 3);
  });

  test('is counted every time', () => {
    const lab = labOf();
    thrice(lab, queryOf(web));
    thrice(lab, queryOf('missing.default.svc.cluster.local.'));
    const text = lab.metrics.registry.text();
    assert.match(text, /coredns_dns_requests_total\{[^}]*type="A"[^}]*\} 6\n/);
    for (const rcode of ['NOERROR', 'NXDOMAIN']) {
      assert.match(
        text,
        new RegExp(`coredns_dns_responses_total\\{[^}]*rcode="${rcode}"[^}]*\\} 3\\n`),
      );
    }
    assert.match(text, /coredns_dns_request_duration_seconds_count\{[^}]*\} 6\n/);
  });

  test('is whole over TCP after it was cut over UDP', () => {
    const lab = labOf();
    lab.world = worldOf({
      services: {
        'default/web': {
          clusterIP: 'None',
          endpoints: Array.from({ length: 100 }, (_, index) => ({
            addresses: [`10.244.1.${index}`],
          })),
        },
      },
    });
    for (let round = 0; round < 2; round += 1) {
      assert.equal(lab.ask(queryOf(web), client).isTruncated, true);
      const whole = lab.ask(queryOf(web), { ...client, protocol: 'tcp' });
      assert.deepEqual([whole.isTruncated, whole.answers.length], [false, 100]);
    }
  });
});
