import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { RawSocket } from '../../plan/testing/raw-socket.ts';
import { IPPROTO_TCP, portsOf, tcpAcknowledgement } from '../../plan/testing/segments.ts';
import { capturesOf } from '../../plan/testing/services.ts';
import { dial, hold } from '../../plan/testing/talk.ts';
import { World } from '../../plan/testing/world.ts';
import { tolerateWindows } from './tcp-window.ts';

const PORT = 8080;
/** No connection of the test is there by chance: the window is 64 KB, the numbers are 32 bits. */
const sequences = [0x1234_5678, 0x9234_5678];

describe('row 30: a segment outside the window', () => {
  let world: World;

  before(() => {
    world = new World();
    world.programmer.apply('default/web', capturesOf({ targetPort: PORT, backends: [world.podA] }));
  });
  after(() => world.dispose());

  test('is translated like others, and the connection goes on', async () => {
    tolerateWindows(world.test.kernel, world.node.path);
    const held = await hold(world.test, world.podA, PORT);
    const client = dial(world.test, world.podB, { host: '10.96.0.1', port: 80 });
    const server = await held.accepted;
    const [from, to] = [world.podA.addresses[0], world.podB.addresses[0]];
    const stray = new RawSocket(world.test, world.podA, IPPROTO_TCP);
    const watch = new RawSocket(world.test, world.podB, IPPROTO_TCP);
    try {
      for (const sequence of sequences) {
        const ports = { source: PORT, destination: server.remotePort ?? 0 };
        const segment = { ...ports, from, to, sequence, acknowledgement: sequence };
        stray.send(to, tcpAcknowledgement(segment));
        const isIt = (payload: Buffer): boolean => payload.readUInt32BE(4) === sequence;
        const seen = await watch.receive(({ payload }) => isIt(payload));
        assert.equal(seen.source, '10.96.0.1');
        assert.equal(portsOf(seen.payload).source, 80);
      }
      server.write('still there');
      const [data] = (await once(client, 'data')) as [Buffer];
      assert.equal(data.toString(), 'still there');
    } finally {
      client.destroy();
      stray.close();
      watch.close();
      await held.close();
    }
  });
});
