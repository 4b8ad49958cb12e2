import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestKernel } from '../kernel/testing/test-kernel.ts';
import { listRoutes, listRules, type Connection } from '../netlink/index.ts';
import { Nftables } from '../nft/index.ts';
import { ReturnPath } from './return-path.ts';
import { skipReason } from './testing/outside-world.ts';

describe('the way back to balancers', { skip: skipReason }, () => {
  let world: TestKernel;
  let fabric: string;
  let connection: Connection;
  let nftables: Nftables;

  before(() => {
    world = new TestKernel();
    fabric = world.namespace('fabric');
    connection = world.connect(fabric);
    nftables = new Nftables(world.kernel.openNetfilterSocket(fabric));
  });
  after(() => {
    nftables.close();
    world.dispose();
  });

  /** What there is of it, in both families. */
  function traces(): { tables: number; rules: number; routes: number } {
    const rules = listRules(connection).filter(({ mark }) => mark !== undefined);
    const routes = ([4, 6] as const).flatMap((family) =>
      listRoutes(connection, { family, table: 19 }),
    );
    const tables = nftables.listTables();
    return { tables: tables.length, rules: rules.length, routes: routes.length };
  }

  test('is there once, also after a daemon that was killed, and is taken away', () => {
    const before = traces();
    // Never closed: its sockets end with the process, as those of a killed daemon do.
    assert.ok(new ReturnPath(world.kernel, fabric));
    assert.deepEqual(traces(), { tables: 2, rules: 2, routes: 2 });
    const next = new ReturnPath(world.kernel, fabric);
    assert.deepEqual(traces(), { tables: 2, rules: 2, routes: 2 });
    next.close();
    next.close();
    assert.deepEqual(traces(), before);
  });
});
