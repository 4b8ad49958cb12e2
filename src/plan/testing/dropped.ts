import assert from 'node:assert/strict';
import { nftIn } from '../../nft/testing/fresh-nftables.ts';
import { dial } from './talk.ts';
import type { Host, World } from './world.ts';

/** A connection that stays unanswered although the node has seen its first packet and let none through. */
export async function assertDropped(
  world: World,
  from: Host,
  to: { host: string; port: number },
): Promise<void> {
  const family = to.host.includes(':') ? 'ip6' : 'ip';
  // The first chain sees the packet at the earliest priority, the second whatever leaves the node for it.
  nftIn(
    world.node.path,
    `table ${family} watch {
       counter seen {}
       counter left {}
       chain first { type filter hook prerouting priority -400; ${family} daddr ${to.host} tcp dport ${to.port} counter name seen; }
       chain own { type filter hook output priority -400; ${family} daddr ${to.host} tcp dport ${to.port} counter name seen; }
       chain last { type filter hook postrouting priority 300; ct original ${family} daddr ${to.host} counter name left; }
     }`,
  );
  const packets = (name: string): number =>
    Number(
      /packets (\d+)/.exec(nftIn(world.node.path, `list counter ${family} watch ${name}`))?.[1],
    );
  const socket = dial(world.test, from, to);
  let outcome = 'none';
  socket
    .on('connect', () => (outcome = 'connected'))
    .on('error', ({ message }) => (outcome = message));
  try {
    while (packets('seen') === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(packets('left'), 0);
    assert.equal(outcome, 'none');
  } finally {
    socket.destroy();
    nftIn(world.node.path, `delete table ${family} watch`);
  }
}
