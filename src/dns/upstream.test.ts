import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { afterEach, describe, test } from 'node:test';
import { decodeMessage, encodeMessage, rcodeName, rcodes, recordTypes } from '../dnswire/index.ts';
import { addressRecord, authorityRecord, queryOf } from '../dnswire/testing/messages.ts';
import { ForwardingLab, peer } from './testing/forwarding-lab.ts';
import { answersOf } from './testing/lab.ts';

const name = 'a.example.';

const lab = new ForwardingLab();
afterEach(() => lab.close());

/** A port on which nobody answers. */
async function silentPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  lab.onClose(() => socket.close());
  return socket.address().port;
}

const soa = authorityRecord(20);

describe('forwarding', () => {
  test('an answer is kept for its TTL, and what is left of it is told', async () => {
    const upstream = await lab.upstream(() => ({
      answers: [addressRecord(name, '192.0.2.1', 20)],
    }));
    const { ask, clock } = lab.engine({
      corefile: `. {\n forward . ${upstream.text}\n cache 30\n}`,
    });
    assert.deepEqual(answersOf(await ask(queryOf(name))), ['a.example. 20 IN A 192.0.2.1']);
    await clock.advance(8000);
    assert.deepEqual(answersOf(await ask(queryOf('A.example.'))), ['A.example. 12 IN A 192.0.2.1']);
    assert.equal(upstream.asked.length, 1);
    await clock.advance(12_000);
    assert.deepEqual(answersOf(await ask(queryOf(name))), ['a.example. 20 IN A 192.0.2.1']);
    assert.equal(upstream.asked.length, 2);
  });

  test('a denial is kept as long as its SOA says', async () => {
    const upstream = await lab.upstream(() => ({ rcode: rcodes.NXDOMAIN, authorities: [soa] }));
    const { ask, clock } = lab.engine({
      corefile: `. {\n forward . ${upstream.text}\n cache 30\n}`,
    });
    assert.equal((await ask(queryOf(name))).rcode, rcodes.NXDOMAIN);
    assert.equal((await ask(queryOf(name))).authorities[0]?.ttl, 20);
    assert.equal(upstream.asked.length, 1);
    await clock.advance(20_000);
    await ask(queryOf(name));
    assert.equal(upstream.asked.length, 2);
  });

  test('what does not fit UDP is fetched over TCP', async () => {
    const answers = Array.from({ length: 100 }, (_, index) =>
      addressRecord(name, `192.0.2.${index}`),
    );
    const upstream = await lab.upstream((_name, _type, protocol) =>
      protocol === 'udp' ? { isTruncated: true } : { answers },
    );
    const corefile = `. {\n forward . ${upstream.text} {\n prefer_udp\n }\n}`;
    const { engine } = lab.engine({ corefile });
    const bytes = await engine.handle(encodeMessage(queryOf(name)), { ...peer, protocol: 'tcp' });
    const decoded = decodeMessage(bytes ?? Buffer.alloc(0));
    assert.ok(decoded.ok);
    assert.equal(decoded.message.answers.length, 100);
    assert.deepEqual(upstream.asked, ['udp a.example.', 'tcp a.example.']);
  });

  for (const rcode of [rcodes.FORMERR, rcodes.NOTIMP]) {
    test(`a server older than EDNS, which says ${rcodeName(rcode)}, is asked without it`, async () => {
      const old = createSocket('udp4');
      old.on('message', (bytes, from) => {
        const read = decodeMessage(bytes);
        if (!read.ok) return;
        const { edns, ...query } = read.message;
        const answers = [addressRecord(name, '192.0.2.1')];
        const part = edns === undefined ? { answers } : { rcode, questions: [] };
        old.send(encodeMessage({ ...query, isResponse: true, ...part }), from.port);
      });
      old.bind(0, '127.0.0.1');
      await once(old, 'listening');
      lab.onClose(() => old.close());
      const { ask } = lab.engine({
        corefile: `. {\n forward . 127.0.0.1:${old.address().port}\n}`,
      });
      assert.deepEqual(answersOf(await ask(queryOf(name))), ['a.example. 30 IN A 192.0.2.1']);
    });
  }

  test('many ask the same at once: upstream is asked once', async () => {
    const upstream = await lab.upstream(() => ({ answers: [addressRecord(name, '192.0.2.1')] }));
    const { ask } = lab.engine({ corefile: `. {\n forward . ${upstream.text}\n}` });
    await Promise.all(Array.from({ length: 50 }, (_, id) => ask(queryOf(name, recordTypes.A, id))));
    assert.equal(upstream.asked.length, 1);
  });

  test('ExternalName: the alias, then what upstream has for its target', async () => {
    const upstream = await lab.upstream(() => ({
      answers: [addressRecord(name, '192.0.2.1', 60)],
    }));
    const corefile = `. {\n kubernetes cluster.local\n forward . ${upstream.text}\n}`;
    const { ask } = lab.engine({ corefile });
    assert.deepEqual(answersOf(await ask(queryOf('outside.shop.svc.cluster.local.'))), [
      'outside.shop.svc.cluster.local. 5 IN CNAME a.example.',
      'a.example. 60 IN A 192.0.2.1',
    ]);
  });

  test('/etc/resolv.conf is the resolvers of the machine', async () => {
    const upstream = await lab.upstream(() => ({ answers: [addressRecord(name, '192.0.2.1')] }));
    const corefile = '. {\n forward . /etc/resolv.conf\n}';
    const { ask } = lab.engine({ corefile, hostServers: [upstream.text] });
    assert.equal((await ask(queryOf(name))).rcode, rcodes.NOERROR);
  });

  test('a foreign answer is not taken: other identifier, other name', async () => {
    const liar = createSocket('udp4');
    liar.on('message', (bytes, from) => {
      const decoded = decodeMessage(bytes);
      if (!decoded.ok) return;
      const good = { ...decoded.message, isResponse: true, rcode: rcodes.NOERROR };
      liar.send(encodeMessage({ ...good, id: good.id ^ 1, rcode: rcodes.REFUSED }), from.port);
      const { questions } = queryOf('b.example.');
      liar.send(encodeMessage({ ...good, questions, rcode: rcodes.REFUSED }), from.port);
      liar.send(encodeMessage({ ...good, answers: [addressRecord(name, '192.0.2.1')] }), from.port);
    });
    liar.bind(0, '127.0.0.1');
    await once(liar, 'listening');
    lab.onClose(() => liar.close());
    const { ask } = lab.engine({ corefile: `. {\n forward . 127.0.0.1:${liar.address().port}\n}` });
    assert.deepEqual(answersOf(await ask(queryOf(name))), ['a.example. 30 IN A 192.0.2.1']);
  });
});

describe('upstreams that do not answer', () => {
  test('none at all: SERVFAIL', async () => {
    const { ask } = lab.engine({ corefile: '. {\n forward . /etc/resolv.conf\n}' });
    assert.equal(rcodeName((await ask(queryOf(name))).rcode), 'SERVFAIL');
  });

  test('nobody listens, or all is silent: SERVFAIL, and nobody is asked twice', async () => {
    const silent = await silentPort();
    const { ask, metricsText } = lab.engine({
      corefile: `. {\n forward . 127.0.0.1:1 127.0.0.1:${silent}\n}`,
    });
    assert.equal((await ask(queryOf(name))).rcode, rcodes.SERVFAIL);
    assert.equal((await ask(queryOf(name))).rcode, rcodes.SERVFAIL);
    assert.ok(!metricsText().includes('coredns_forward_requests_total{'));
    assert.match(metricsText(), /^coredns_forward_healthcheck_broken_total 2$/m);
  });

  test('one that is down is passed over', async () => {
    const upstream = await lab.upstream(() => ({ answers: [addressRecord(name, '192.0.2.1')] }));
    const { ask } = lab.engine({
      corefile: `. {\n forward . 127.0.0.1:1 ${upstream.text} {\n policy sequential\n }\n}`,
    });
    assert.equal((await ask(queryOf(name))).rcode, rcodes.NOERROR);
  });

  test('as many as may wait do, the rest is refused', async () => {
    const upstream = await lab.upstream(() => ({ answers: [addressRecord(name, '192.0.2.1')] }));
    const { ask } = lab.engine({
      corefile: `. {\n forward . ${upstream.text} {\n max_concurrent 1\n }\n}`,
    });
    const answers = await Promise.all([ask(queryOf('a.example.')), ask(queryOf('b.example.'))]);
    assert.deepEqual(
      answers.map(({ rcode }) => rcode),
      [rcodes.NOERROR, rcodes.REFUSED],
    );
  });
});

describe('forwarding loops', () => {
  test('an upstream that is this server is never asked', () => {
    const { lines } = lab.engine({
      corefile: '. {\n forward . 10.96.0.10\n}',
      own: ['10.96.0.10'],
    });
    assert.deepEqual(lines, [
      'dns: 10.96.0.10:53 is this server itself: nothing is forwarded to it',
    ]);
  });

  test('an upstream that forwards back to us is found out, and asks nothing twice', async () => {
    // Whoever is asked at this port is ourselves, under an address that we do not know as ours.
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => {
      socket.bind(0, '127.0.0.1', resolve);
    });
    lab.onClose(() => socket.close());
    const corefile = `. {\n forward . 127.0.0.1:${socket.address().port}\n}`;
    const { engine, ask, lines } = lab.engine({ corefile });
    let received = 0;
    const answers: Promise<void>[] = [];
    const serve = async (bytes: Buffer, at: number): Promise<void> => {
      received += 1;
      const response = await engine.handle(bytes, peer);
      if (response !== undefined) socket.send(response, at, '127.0.0.1');
    };
    socket.on('message', (bytes, from) => answers.push(serve(bytes, from.port)));
    assert.equal((await ask(queryOf(name))).rcode, rcodes.SERVFAIL);
    assert.ok(lines.some((line) => line.includes('forwards back to the cluster')));
    assert.ok(received < 10, `${received} messages went round`);
  });
});
