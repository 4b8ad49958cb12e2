import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { opcodes, rcodes, type Message } from '../../dnswire/index.ts';
import { addressRecord, queryOf } from '../../dnswire/testing/messages.ts';
import { ForwardingLab } from '../testing/forwarding-lab.ts';
import { answersOf } from '../testing/lab.ts';
import type { FakeUpstream } from '../testing/upstream.ts';

const name = 'a.example.';
const lab = new ForwardingLab();
afterEach(() => lab.close());

/** An upstream that always gives the same address. */
function answering(address: string): Promise<FakeUpstream> {
  return lab.upstream(() => ({ answers: [addressRecord(name, address, 60)] }));
}

function failing(rcode: number): Promise<FakeUpstream> {
  return lab.upstream(() => ({ rcode }));
}

function corefile(to: readonly FakeUpstream[], ...options: string[]): string {
  const servers = to.map(({ text }) => text).join(' ');
  return `. {\n errors\n forward . ${servers} {\n ${options.join('\n ')}\n }\n}`;
}

/** Waits until something is so; the probe's answer comes over a real socket. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setImmediate();
}

describe('the protocol of a question upstream', () => {
  const rows: readonly (readonly [
    option: string,
    client: 'udp' | 'tcp',
    upstream: 'udp' | 'tcp',
  ])[] = [
    ['expire 10s', 'udp', 'udp'],
    ['expire 10s', 'tcp', 'tcp'],
    ['prefer_udp', 'tcp', 'udp'],
    ['force_tcp', 'udp', 'tcp'],
    ['force_tcp\n prefer_udp', 'udp', 'tcp'],
  ];
  for (const [option, client, protocol] of rows) {
    test(`${option.replace('\n', ',')}, asked over ${client}: ${protocol}`, async () => {
      const upstream = await answering('192.0.2.1');
      const { ask } = lab.engine({ corefile: corefile([upstream], option) });
      await ask(queryOf(name), client);
      assert.deepEqual(upstream.asked, [`${protocol} ${name}`]);
    });
  }
});

describe('connections', () => {
  async function ask(times: number, option: string, advanceMs = 0): Promise<number> {
    const upstream = await answering('192.0.2.1');
    const { ask, clock } = lab.engine({ corefile: corefile([upstream], 'force_tcp', option) });
    // After the probe and the search for loops, which have connections of their own.
    await ask(queryOf(name));
    const before = upstream.connections();
    for (let turn = 0; turn < times; turn += 1) {
      await clock.advance(advanceMs);
      assert.equal((await ask(queryOf(name))).rcode, rcodes.NOERROR);
    }
    return upstream.connections() - before;
  }

  test('are kept for the next question', async () => assert.equal(await ask(5, 'expire 10s'), 0));

  test('however often, without anything left behind on them', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error): void => void warnings.push(warning);
    process.on('warning', hear);
    try {
      assert.equal(await ask(30, 'expire 10s'), 0);
      await setImmediate();
      assert.deepEqual(warnings, []);
    } finally {
      process.off('warning', hear);
    }
  });

  test('until they expire', async () => assert.equal(await ask(5, 'expire 10s', 20_000), 5));

  test('and not at all with 0s', async () => assert.equal(await ask(5, 'expire 0s'), 5));

  test('as many as max_idle_conns', async () => {
    const upstream = await answering('192.0.2.1');
    const text = corefile([upstream], 'force_tcp', 'max_idle_conns 1');
    const { ask } = lab.engine({ corefile: text });
    const names = ['a', 'b', 'c'].map((label) => `${label}.example.`);
    await Promise.all(names.map((one) => ask(queryOf(one))));
    const before = upstream.connections();
    await Promise.all(names.map((one) => ask(queryOf(one))));
    assert.equal(upstream.connections() - before, 2);
  });

  test('that the server closed meanwhile are no failure', async () => {
    const upstream = await answering('192.0.2.1');
    const { ask } = lab.engine({ corefile: corefile([upstream], 'force_tcp', 'max_fails 1') });
    await ask(queryOf(name));
    upstream.hangUp();
    assert.equal((await ask(queryOf(name))).rcode, rcodes.NOERROR);
  });
});

describe('which upstream is asked', () => {
  /** How often each of three was asked in twelve questions. */
  async function shares(policy: string): Promise<number[]> {
    const upstreams = [
      await answering('192.0.2.1'),
      await answering('192.0.2.2'),
      await answering('192.0.2.3'),
    ];
    const { ask } = lab.engine({ corefile: corefile(upstreams, `policy ${policy}`) });
    for (let turn = 0; turn < 12; turn += 1) await ask(queryOf(name));
    return upstreams.map(({ asked }) => asked.length);
  }

  test('policy sequential: the first', async () => {
    assert.deepEqual(await shares('sequential'), [12, 0, 0]);
  });

  test('policy round_robin: each in turn', async () => {
    assert.deepEqual(await shares('round_robin'), [4, 4, 4]);
  });

  test('policy random: any', async () => {
    const counts = await shares('random');
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      12,
    );
  });

  test('failover: the next one after a code', async () => {
    const upstreams = [await failing(rcodes.REFUSED), await answering('192.0.2.2')];
    const text = corefile(upstreams, 'policy sequential', 'failover REFUSED SERVFAIL');
    const { ask } = lab.engine({ corefile: text });
    assert.deepEqual(answersOf(await ask(queryOf(name))), ['a.example. 60 IN A 192.0.2.2']);
  });

  test('failover: the last answer when all have it', async () => {
    const upstreams = [await failing(rcodes.REFUSED), await failing(rcodes.SERVFAIL)];
    const text = corefile(upstreams, 'policy sequential', 'failover REFUSED SERVFAIL');
    const { ask } = lab.engine({ corefile: text });
    assert.equal((await ask(queryOf(name))).rcode, rcodes.SERVFAIL);
  });

  const nodata: Partial<Message> = { answers: [] };
  const nexts: readonly (readonly [option: string, first: Partial<Message>, goesOn: boolean])[] = [
    ['next NXDOMAIN', { rcode: rcodes.NXDOMAIN }, true],
    ['next NXDOMAIN', { rcode: rcodes.REFUSED }, false],
    ['next_on_nodata', nodata, true],
    ['next NXDOMAIN', nodata, false],
  ];
  for (const [option, first, goesOn] of nexts) {
    test(`${option}: the next forward ${goesOn ? '' : 'not '}after ${JSON.stringify(first)}`, async () => {
      const [one, two] = [await lab.upstream(() => first), await answering('192.0.2.2')];
      const text = `. {\n forward . ${one.text} {\n ${option}\n }\n forward . ${two.text}\n}`;
      const { ask } = lab.engine({ corefile: text });
      assert.equal((await ask(queryOf(name))).answers.length, goesOn ? 1 : 0);
      assert.equal(two.asked.length, goesOn ? 1 : 0);
    });
  }
});

describe('whether an upstream is up', () => {
  /** Not an answer to a question, and known as that at once: silence over TCP that nobody has to wait for. */
  const noAnswer = { opcode: opcodes.NOTIFY };
  const rows: readonly (readonly [option: string, probe: string])[] = [
    ['health_check 1s', 'udp . rd'],
    ['health_check 1s no_rec', 'udp .'],
    ['health_check 1s domain ping.example', 'udp ping.example. rd'],
    ['force_tcp', 'tcp . rd'],
  ];
  for (const [option, probe] of rows) {
    test(`${option}: asks ${probe}`, async () => {
      const upstream = await answering('192.0.2.1');
      const { ask } = lab.engine({ corefile: corefile([upstream], option) });
      await ask(queryOf(name));
      assert.deepEqual(upstream.probes, [probe]);
    });
  }

  test('max_fails: after so many failed probes it is asked no more, until one is answered', async () => {
    const upstream = await answering('192.0.2.1');
    const options = ['force_tcp', 'max_fails 1', 'health_check 1s'];
    const { ask, clock, lines } = lab.engine({ corefile: corefile([upstream], ...options) });
    await ask(queryOf(name));
    upstream.goDown(true);
    const isDown = async (): Promise<boolean> => {
      assert.equal((await ask(queryOf(name))).rcode, rcodes.SERVFAIL);
      return lines.at(-1)?.endsWith('no upstream is up') === true;
    };
    await until(isDown);
    const before = upstream.connections();
    assert.ok(await isDown());
    assert.equal(upstream.connections(), before, 'nobody waits for it');
    upstream.goDown(false);
    await clock.advance(1000);
    await until(async () => (await ask(queryOf(name))).rcode === rcodes.NOERROR);
  });

  test('a name that gets no answer takes the upstream away from no other', async () => {
    const upstream = await lab.upstream((asked) =>
      asked === name ? { answers: [addressRecord(name, '192.0.2.1')] } : noAnswer,
    );
    const { ask } = lab.engine({ corefile: corefile([upstream], 'force_tcp', 'max_fails 1') });
    for (let turn = 0; turn < 5; turn += 1) {
      assert.equal((await ask(queryOf('lame.example.'))).rcode, rcodes.SERVFAIL);
      assert.equal((await ask(queryOf(name))).rcode, rcodes.NOERROR);
    }
  });

  test('a question that was lost is asked again, also of the only upstream', async () => {
    let questions = 0;
    const upstream = await lab.upstream(() => {
      questions += 1;
      return questions > 1 ? { answers: [addressRecord(name, '192.0.2.1')] } : noAnswer;
    });
    const { ask } = lab.engine({ corefile: corefile([upstream], 'force_tcp') });
    assert.equal((await ask(queryOf(name))).rcode, rcodes.NOERROR);
    assert.equal(questions, 2);
  });
});
