import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import type { EventListener } from '../../kernel/index.ts';
import { AttributeWriter, type NetlinkMessage } from '../../netlink/index.ts';
import { SLOW_MS } from './repair-pace.ts';
import { RulesWatch, type GuardedTables } from './rules-watch.ts';

/** `NFNL_SUBSYS_NFTABLES << 8`, plus `NFT_MSG_DELTABLE` or `NFT_MSG_NEWGEN`. */
const DELTABLE = 0x0a02;
const NEWGEN = 0x0a0f;

function message(type: number, fill: (into: AttributeWriter) => void): NetlinkMessage {
  const writer = new AttributeWriter().raw(Buffer.alloc(4));
  fill(writer);
  return { type, flags: 0, sequence: 1, portId: 1, body: writer.finish() };
}

const gone = (table: string) => message(DELTABLE, (into) => into.string(1, table));
const by = (name: string, pid = 7) =>
  message(NEWGEN, (into) => into.u32be(1, 5).u32be(2, pid).string(3, name));

/** A watch over tables `a` and `b`, whose kernel is told what to say. */
function begin(kernel: { a?: () => number; b?: () => number; isUntouched?: () => boolean } = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const repaired: string[] = [];
  const problems: (string | undefined)[] = [];
  let listener: EventListener | undefined;
  let ports: readonly number[] = [];
  let isHeard = true;
  const guard = (table: 'a' | 'b', portId: number): GuardedTables => ({
    table,
    portId,
    repair() {
      repaired.push(isHeard ? table : `${table} unheard`);
      return kernel[table]?.() ?? 1;
    },
    isUntouched: kernel.isUntouched ?? (() => true),
    contested: (problem) => problems.push(problem),
  });
  const watch = new RulesWatch({
    events: {
      subscribeRules(_, ownPorts, told) {
        [listener, ports] = [told, ownPorts];
        return {
          close: () => (listener = undefined),
          unheard(body) {
            isHeard = false;
            const result = body();
            isHeard = true;
            return result;
          },
        };
      },
    },
    clock,
    node: { name: 'node1', netns: '/pin' },
    tables: [guard('a', 11), guard('b', 12)],
    log: (text) => log.push(text),
  });
  const tell = (...messages: NetlinkMessage[]): void => listener?.onMessages(messages);
  return { watch, clock, log, repaired, problems, tell, lose: () => listener?.onLost(), ports };
}

describe('the watch over rules', () => {
  test('does not listen to those who own the tables', () => {
    assert.deepEqual(begin().ports, [11, 12]);
  });

  test('repairs what a transaction touched, and listens to nothing meanwhile', async () => {
    const { clock, log, repaired, tell } = begin();
    tell(gone('x'), gone('b'));
    await clock.advance(1000);
    assert.deepEqual(repaired, [], 'the transaction is not over');
    tell(by('nft'));
    await clock.advance(0);
    assert.deepEqual(repaired, ['b unheard']);
    assert.deepEqual(log, [
      'node1: nft (pid 7) changed nftables rules of Portolan, repaired: b (1 change)',
    ]);
  });

  test('looks again when something came while nobody listened', async () => {
    const { clock, log, repaired, tell } = begin({ isUntouched: () => false });
    tell(gone('a'), by('nft'));
    await clock.advance(0);
    assert.deepEqual(repaired, ['a unheard', 'a']);
    assert.match(String(log), /repaired: a \(2 changes\)$/);
  });

  test('leaves alone what does not concern it, and says nothing where nothing was wrong', async () => {
    const { clock, log, repaired, tell } = begin({ a: () => 0 });
    tell(gone('x'), by('nft'));
    await clock.advance(0);
    assert.deepEqual(repaired, []);
    tell(gone('a'), by('nft'));
    await clock.advance(0);
    assert.equal(repaired.length, 1);
    assert.deepEqual(log, []);
  });

  test('repairs once for many transactions, in its own order', async () => {
    const { clock, log, repaired, tell } = begin();
    tell(gone('b'), by('nft', 1), gone('a'), by('nft', 2), gone('b'), by('ev\nil', 3));
    await clock.advance(0);
    assert.deepEqual(repaired, ['a unheard', 'b unheard']);
    assert.deepEqual(log, [
      'node1: nft (pid 1), nft (pid 2), ev?il (pid 3) changed nftables rules of Portolan, repaired: a (1 change), b (1 change)',
    ]);
  });

  test('names a few of many', async () => {
    const { clock, log, tell } = begin();
    for (let pid = 1; pid < 1000; pid += 1) tell(gone('a'), by('nft', pid));
    await clock.advance(0);
    assert.match(
      String(log),
      /^node1: nft \(pid 1\), nft \(pid 2\), nft \(pid 3\) and others changed/,
    );
  });

  test('suspects everything when notifications were lost', async () => {
    const { clock, log, repaired, lose } = begin();
    lose();
    await clock.advance(0);
    assert.deepEqual(repaired, ['a unheard', 'b unheard']);
    assert.match(String(log), /^node1: something else changed/);
  });

  test('tries again what failed', async () => {
    let failures = 1;
    const repair = (): number => {
      failures -= 1;
      if (failures >= 0) throw new Error('no room');
      return 2;
    };
    const { clock, log, tell } = begin({ a: repair });
    tell(gone('a'), gone('b'), by('nft'));
    await clock.advance(0);
    await clock.advance(5000);
    assert.deepEqual(log, [
      'node1: cannot repair a, next attempt in 5000 ms: no room',
      'node1: nft (pid 7) changed nftables rules of Portolan, repaired: b (1 change)',
      'node1: nft (pid 7) changed nftables rules of Portolan, repaired: a (2 changes)',
    ]);
  });

  test('does not wait for the next attempt when something else changes', async () => {
    let isBroken = true;
    const repair = (): number => {
      if (isBroken) throw new Error('no room');
      return 0;
    };
    const { clock, repaired, tell } = begin({ a: repair });
    tell(gone('a'), by('nft'));
    await clock.advance(0);
    isBroken = false;
    tell(gone('b'), by('nft'));
    await clock.advance(0);
    assert.deepEqual(repaired, ['a unheard', 'a unheard', 'b unheard']);
    await clock.advance(10_000);
    assert.equal(repaired.length, 3);
  });

  test('does not fight for ever: it says so, goes slowly, and says when it is over', async () => {
    const { clock, log, repaired, problems, tell } = begin();
    for (let round = 0; round < 100; round += 1) {
      tell(gone('a'), by('tool'));
      await clock.advance(100);
    }
    assert.equal(repaired.length, 10);
    assert.equal(problems.length, 1);
    const problem = `RulesContested: tool (pid 7) keeps changing nftables rules of Portolan: they are repaired only every 10 s`;
    assert.equal(problems[0], problem);
    assert.equal(log.at(-1), `node1: ${problem}`);
    await clock.advance(SLOW_MS);
    assert.equal(repaired.length, 11, 'the last change is repaired nevertheless');
    await clock.advance(60_000);
    assert.deepEqual(problems.slice(1), [undefined]);
    tell(gone('a'), by('tool'));
    await clock.advance(0);
    assert.equal(repaired.length, 12, 'at once, as before');
  });

  test('leaves nothing behind when it is closed', async () => {
    const { watch, clock, repaired, tell } = begin();
    tell(gone('a'), by('nft'));
    watch.close();
    assert.equal(clock.pending, 0);
    await clock.advance(0);
    assert.deepEqual(repaired, []);
  });
});
