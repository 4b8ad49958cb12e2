import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rcodes } from '../dnswire/index.ts';
import { addressRecord, queryOf } from '../dnswire/testing/messages.ts';
import { serviceKind } from '../kube/index.ts';
import { listConntrack } from '../netlink/index.ts';
import { ask, serve } from '../plan/testing/talk.ts';
import { askTcp, askUdp } from './testing/client.ts';
import { answersOf, Lab, SERVICE_IP6 } from './testing/lab.ts';
import { startUpstream, type FakeUpstream } from './testing/upstream.ts';

describe('cluster DNS on a node', () => {
  const lab = new Lab();
  let upstream: FakeUpstream;

  before(async () => {
    upstream = await startUpstream((name) =>
      name === 'example.com.'
        ? { answers: [addressRecord(name, '192.0.2.80', 60)] }
        : { rcode: rcodes.NXDOMAIN },
    );
    await lab.namespace('default');
    await lab.service('web', '10.96.0.80');
    await lab.start([upstream.text]);
  });

  after(async () => {
    await lab.close();
    await upstream.close();
  });

  test('a pod asks the Service and its node answers, over UDP and TCP, IPv4 and IPv6', async () => {
    const query = queryOf('web.default.svc.cluster.local.');
    const expected = ['web.default.svc.cluster.local. 30 IN A 10.96.0.80'];
    for (const route of [lab.route(), lab.route(SERVICE_IP6)]) {
      for (const send of [askUdp, askTcp]) {
        const answer = await send(route, query);
        assert.deepEqual(answersOf(answer), expected);
        assert.deepEqual([answer.id, answer.isAuthoritative, answer.isResponse], [1, true, true]);
      }
    }
  });

  test('the node itself asks, too', async () => {
    const { node } = lab.network;
    const answer = await askUdp(
      { ...lab.route(), from: node.path },
      queryOf('web.default.svc.cluster.local.'),
    );
    assert.equal(answer.rcode, rcodes.NOERROR);
  });

  test('the addresses never are the source of what the node itself sends', async () => {
    const { test: network, node, podA } = lab.network;
    const server = await serve(network, podA, 8080);
    for (const [index, host] of podA.addresses.entries()) {
      const { source } = await ask(network, node, { host, port: 8080 });
      assert.equal(source, node.addresses[index]);
    }
    await server.close();
  });

  test('nothing of it is in connection tracking', async () => {
    await askUdp(lab.route(), queryOf('web.default.svc.cluster.local.'));
    await askTcp(lab.route(), queryOf('web.default.svc.cluster.local.'));
    const { test: network, node } = lab.network;
    const flows = listConntrack(network.connectNetfilter(node.path));
    assert.deepEqual(
      flows.filter(({ original }) => original.destinationPort === 53),
      [],
    );
  });

  test('names of the world come from upstream, over the first name of the search path', async () => {
    await lab.pod(
      { metadata: { name: 'client', namespace: 'default' } },
      lab.network.podA.addresses[0],
    );
    await lab.api.until(
      'the pod is known',
      () =>
        lab.dns.judge({
          name: 'x.default.svc.cluster.local.',
          type: 1,
          class: 1,
          source: lab.network.podA.addresses[0],
        }).action === 'forward',
    );
    const answer = await askUdp(lab.route(), queryOf('example.com.default.svc.cluster.local.'));
    assert.deepEqual(answersOf(answer), [
      'example.com.default.svc.cluster.local. 60 IN CNAME example.com.',
      'example.com. 60 IN A 192.0.2.80',
    ]);
  });

  test('a new Service is there at the first question, a thousand times', async () => {
    const route = lab.route();
    for (let index = 0; index < 1000; index += 1) {
      const ip = `10.97.${index >> 8}.${index & 255}`;
      await lab.service(`s${index}`, ip);
      const answer = await askUdp(route, queryOf(`s${index}.default.svc.cluster.local.`));
      assert.deepEqual(answersOf(answer), [`s${index}.default.svc.cluster.local. 30 IN A ${ip}`]);
    }
  });

  test('a deleted Service is gone at the first question', async () => {
    const route = lab.route();
    for (let index = 0; index < 200; index += 1) {
      await lab.api.client.delete(serviceKind, { namespace: 'default', name: `s${index}` });
      const answer = await askUdp(route, queryOf(`s${index}.default.svc.cluster.local.`));
      assert.equal(answer.rcode, rcodes.NXDOMAIN);
    }
  });

  test('EDNS is answered with EDNS', async () => {
    const edns = { udpSize: 4096, version: 0, isDnssecOk: true, options: [] };
    const answer = await askUdp(lab.route(), {
      ...queryOf('web.default.svc.cluster.local.'),
      edns,
    });
    assert.deepEqual(answer.edns, { ...edns, udpSize: 1232 });
    const refused = await askUdp(lab.route(), {
      ...queryOf('web.'),
      edns: { ...edns, version: 1 },
    });
    assert.equal(refused.rcode, rcodes.BADVERS);
  });

  test('metrics have the names of CoreDNS', () => {
    assert.match(
      lab.dns.metricsText(),
      /^coredns_dns_responses_total\{server="dns:\/\/:53",zone="\.",view="",rcode="NOERROR",plugin="kubernetes"\} \d+$/m,
    );
  });
});
