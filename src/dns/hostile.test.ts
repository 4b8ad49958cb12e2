import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { FakeClock } from '../clock/index.ts';
import { decodeMessage, encodeMessage, rcodes, type Message } from '../dnswire/index.ts';
import { arbitraryMessage } from '../dnswire/testing/arbitrary-message.ts';
import { queryOf } from '../dnswire/testing/messages.ts';
import { createKernel } from '../kernel/index.ts';
import { readCorefile, type NameWorld } from '../names/index.ts';
import { snapshotOf } from '../names/testing/cluster.ts';
import { createDnsMetrics } from './metrics/dns-metrics.ts';
import { Active } from './server/active.ts';
import { DnsEngine } from './server/engine.ts';
import { TcpServer } from './server/tcp-server.ts';
import { framed, readMessages } from './testing/client.ts';
import { LoopGuard } from './upstream/loop-guard.ts';

const peer = { address: '10.244.0.7', port: 4000, protocol: 'udp' } as const;
const web = 'web.default.svc.cluster.local.';

function engineOf(): { readonly engine: DnsEngine; readonly metricsText: () => string } {
  const metrics = createDnsMetrics();
  const log = (): void => undefined;
  const guard = new LoopGuard([], log);
  const read = readCorefile(
    '. {\n kubernetes cluster.local in-addr.arpa {\n pods verified\n }\n autopath @kubernetes\n}',
  );
  assert.ok(read.ok);
  const clock = new FakeClock();
  const active = new Active(read.config, {
    clock,
    metrics,
    guard,
    hostServers: [],
    log,
    errorLog: log,
  });
  const world: NameWorld = {
    snapshot: snapshotOf({
      services: {
        'default/web': { clusterIP: '10.96.0.80' },
        'default/many': {
          clusterIP: 'None',
          endpoints: Array.from({ length: 3000 }, (_, index) => ({
            addresses: [`10.244.${index >> 8}.${index & 255}`],
          })),
        },
      },
      pods: { 'default/client': { ips: [peer.address] } },
    }),
    isSynced: true,
    serial: 1,
    hostSearch: [],
    serverAddresses: [],
  };
  const engine = new DnsEngine({ active, world: () => world, metrics, guard, log, queryLog: log });
  return { engine, metricsText: () => metrics.registry.text() };
}

describe('hostile messages', () => {
  const { engine, metricsText } = engineOf();

  function answerTo(bytes: Buffer): Message | undefined {
    const response = engine.handle(bytes, peer);
    if (response === undefined) return undefined;
    assert.ok(Buffer.isBuffer(response));
    const decoded = decodeMessage(response);
    assert.ok(decoded.ok);
    return decoded.message;
  }

  test('shorter than a header: dropped', () => assert.equal(answerTo(Buffer.alloc(11)), undefined));

  test('a response: dropped, or two servers would talk for ever', () => {
    assert.equal(answerTo(encodeMessage({ ...queryOf(web), isResponse: true })), undefined);
    const broken = encodeMessage({ ...queryOf(web), isResponse: true }).subarray(0, 20);
    assert.equal(answerTo(broken), undefined);
  });

  test('cut short: FORMERR with its identifier', () => {
    const answer = answerTo(encodeMessage(queryOf(web, 1, 77)).subarray(0, 20));
    assert.deepEqual([answer?.id, answer?.rcode, answer?.isResponse], [77, rcodes.FORMERR, true]);
  });

  test('no question, or two: FORMERR', () => {
    const [question] = queryOf(web).questions;
    assert.ok(question);
    for (const questions of [[], [question, question]]) {
      assert.equal(answerTo(encodeMessage({ ...queryOf(web), questions }))?.rcode, rcodes.FORMERR);
    }
  });

  test('other operations: NOTIMP', () => {
    const update = encodeMessage({ ...queryOf(web), opcode: 5 });
    assert.equal(answerTo(update)?.rcode, rcodes.NOTIMP);
    assert.equal(answerTo(update.subarray(0, 20))?.rcode, rcodes.NOTIMP);
  });

  test('other classes: REFUSED', () => {
    const questions = [{ name: 'version.bind.', type: 16, class: 3 }];
    assert.equal(answerTo(encodeMessage({ ...queryOf(web), questions }))?.rcode, rcodes.REFUSED);
  });

  test('a huge answer is cut to 512 bytes, or to what EDNS says, but not beyond 1,232', () => {
    const query = queryOf('many.default.svc.cluster.local.');
    for (const [udpSize, most] of [
      [undefined, 512],
      [0, 512],
      [900, 900],
      [65_535, 1232],
    ] as const) {
      const edns = { udpSize: udpSize ?? 0, version: 0, isDnssecOk: false, options: [] };
      const bytes = encodeMessage(udpSize === undefined ? query : { ...query, edns });
      const response = engine.handle(bytes, peer);
      assert.ok(Buffer.isBuffer(response));
      assert.ok(response.length <= most && response.length > most - 28);
      assert.equal(answerTo(bytes)?.isTruncated, true);
    }
  });

  test('any bytes and any message get one answer at most, and no failure inside', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      arbitraryMessage.map((message) => encodeMessage({ ...message, isResponse: false })),
    );
    fc.assert(
      fc.property(bytes, (message) => {
        const answer = answerTo(message);
        if (answer !== undefined) assert.equal(answer.id, message.readUInt16BE(0));
      }),
      { numRuns: 2000 },
    );
    assert.ok(!/^coredns_panics_total [1-9]/m.test(metricsText()));
  });
});

describe('TCP', () => {
  const clock = new FakeClock();
  const kernel = createKernel();
  let server: TcpServer;
  // An address of loopback that no other run of this test has.
  const host = `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}`;
  const port = 5300;

  before(async () => {
    const fd = kernel.listenTcp(undefined, { address: host, port });
    server = await TcpServer.start({ fd, engine: engineOf().engine, clock, log: () => undefined });
  });
  after(() => server.close());

  let socket: Socket;
  beforeEach(async (context) => {
    socket = connect({ host, port });
    await once(socket, 'connect');
    if ('after' in context) context.after(() => socket.destroy());
  });

  test('many questions in one packet are all answered', async () => {
    const queries = Array.from({ length: 100 }, (_, id) => framed(queryOf(web, 1, id)));
    socket.write(Buffer.concat(queries));
    const answers = await readMessages(socket, 100);
    assert.deepEqual(new Set(answers.map(({ id }) => id)).size, 100);
    socket.destroy();
  });

  test('a question byte by byte is answered, also when the client has nothing more to say', async () => {
    for (const byte of framed(queryOf(web))) socket.write(Buffer.from([byte]));
    socket.end();
    const [answer] = await readMessages(socket, 1);
    assert.equal(answer?.answers.length, 1);
  });

  test('whoever sends no whole message within ten seconds is gone, whatever bytes it sends', async () => {
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(Buffer.from([0]));
    await clock.advance(9000);
    socket.write(Buffer.from([40]));
    await clock.advance(1001);
    await closed;
  });

  test('a whole answer of any size fits', async () => {
    socket.write(framed(queryOf('many.default.svc.cluster.local.')));
    const [answer] = await readMessages(socket, 1);
    assert.equal(answer?.answers.length, 3000);
    assert.equal(answer?.isTruncated, false);
    socket.destroy();
  });

  test('one client has 64 connections, not more', async () => {
    const more = Array.from({ length: 70 }, () => connect({ host, port }));
    const ends = more.map(
      (one) =>
        new Promise<'closed' | 'answered'>((resolve) => {
          one.on('error', () => resolve('closed'));
          one.on('close', () => resolve('closed'));
          one.on('data', () => resolve('answered'));
          one.write(framed(queryOf(web)));
        }),
    );
    const outcomes = await Promise.all(ends);
    assert.ok(outcomes.filter((outcome) => outcome === 'answered').length <= 64);
    assert.ok(outcomes.includes('closed'));
    for (const one of more) one.destroy();
    socket.destroy();
  });
});
