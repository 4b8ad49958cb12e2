import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { rcodes, recordTypes } from '../../dnswire/index.ts';
import { addressRecord, queryOf } from '../../dnswire/testing/messages.ts';
import { ForwardingLab, type TestEngine } from '../testing/forwarding-lab.ts';

const lab = new ForwardingLab();
afterEach(() => lab.close());

/** An engine that knows one host, knows that another has no address of the family, and forwards the rest to nobody. */
function engineWith(directive: string): TestEngine {
  const hosts = 'hosts {\n 192.0.2.1 here.example\n fallthrough\n }';
  return lab.engine({ corefile: `. {\n ${directive}\n ${hosts}\n forward . 127.0.0.1:1\n}` });
}

describe('log', () => {
  const rows: readonly (readonly [
    directive: string,
    name: string,
    type: number,
    line: RegExp | undefined,
  ])[] = [
    [
      'log',
      'here.example.',
      1,
      /^\[INFO\] 10\.244\.0\.7:4000 - 1 "A IN here\.example\. udp 30 false 512" NOERROR qr,aa,rd,ra 46 0\.\d{9}s$/,
    ],
    ['log . {combined}', 'here.example.', 1, / 0\.\d{9}s "0"$/],
    [
      'log . "{proto} Request: {name} {type} {>id} {/meta}"',
      'here.example.',
      1,
      /^\[INFO\] udp Request: here\.example\. A 1 -$/,
    ],
    ['log example', 'here.example.', 1, /here/],
    ['log other.example', 'here.example.', 1, undefined],
    ['log {\n class success\n }', 'here.example.', 1, /NOERROR/],
    ['log {\n class denial\n }', 'here.example.', 1, undefined],
    ['log {\n class denial\n }', 'here.example.', recordTypes.AAAA, /NOERROR/],
    ['log {\n class error\n }', 'gone.example.', 1, /SERVFAIL/],
    ['log {\n class success denial\n }', 'gone.example.', 1, undefined],
    ['log {\n class error\n minDuration 0s\n }', 'here.example.', 1, /NOERROR/],
    ['log {\n class error\n minDuration 1h\n }', 'here.example.', 1, undefined],
  ];
  for (const [directive, name, type, line] of rows) {
    const what = line === undefined ? 'no line' : 'a line';
    test(`${directive.replaceAll('\n', '')}: ${what} for ${name} ${type}`, async () => {
      const { ask, lines } = engineWith(directive);
      await ask(queryOf(name, type));
      if (line === undefined) assert.deepEqual(lines, []);
      else assert.match(lines.join('\n'), line);
    });
  }
});

describe('errors', () => {
  const gone = '[ERROR] plugin/errors: 2 gone.example. A: no upstream is up';

  async function failTimes(engine: TestEngine, times: number): Promise<string[]> {
    for (let turn = 0; turn < times; turn += 1) await engine.ask(queryOf('gone.example.'));
    return engine.lines;
  }

  test('tells each failure with its reason', async () => {
    assert.deepEqual(await failTimes(engineWith('errors'), 2), [gone, gone]);
  });

  test('is silent without the directive', async () => {
    assert.deepEqual(await failTimes(engineWith('loop'), 2), []);
  });

  const rows: readonly (readonly [option: string, atOnce: readonly string[], later: string])[] = [
    [
      'consolidate 30s "^no upstream" warning',
      [],
      "[WARNING] plugin/errors: 3 errors like '^no upstream' occurred in last 30s",
    ],
    [
      'consolidate 30s upstream show_first',
      [gone],
      "[ERROR] plugin/errors: 3 errors like 'upstream' occurred in last 30s",
    ],
  ];
  for (const [option, atOnce, later] of rows) {
    test(option, async () => {
      const engine = engineWith(`errors {\n ${option}\n }`);
      assert.deepEqual(await failTimes(engine, 3), atOnce);
      await engine.clock.advance(30_000);
      assert.deepEqual(engine.lines, [...atOnce, later]);
      await engine.clock.advance(30_000);
      assert.deepEqual(engine.lines, [...atOnce, later]);
    });
  }

  test('consolidate takes what matches, no more', async () => {
    const engine = engineWith('errors {\n consolidate 30s nothing-like-it\n }');
    assert.deepEqual(await failTimes(engine, 1), [gone]);
  });

  test('tells what an upstream did', async () => {
    const silent = await lab.upstream((name, _type, protocol) =>
      protocol === 'tcp'
        ? undefined
        : { isTruncated: true, answers: [addressRecord(name, '192.0.2.1')] },
    );
    const { ask, lines } = lab.engine({ corefile: `. {\n errors\n forward . ${silent.text}\n}` });
    assert.equal((await ask(queryOf('a.example.'))).rcode, rcodes.SERVFAIL);
    assert.match(
      lines.join('\n'),
      /2 a\.example\. A: the name server 127\.0\.0\.1:\d+ did not answer in time/,
    );
  });
});
