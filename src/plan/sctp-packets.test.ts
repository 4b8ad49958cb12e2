import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { RawSocket } from './testing/raw-socket.ts';
import { IPPROTO_SCTP, isSctpIntact, portsOf, sctpPacket } from './testing/segments.ts';
import { capturesOf } from './testing/services.ts';
import { World } from './testing/world.ts';

const PORT = 8080;
const CLIENT_PORT = 40_000;

/** Packets made by hand, because few kernels have SCTP sockets; translation needs none. */
describe('SCTP', () => {
  let world: World;
  let client: RawSocket;
  let server: RawSocket;

  before(() => {
    world = new World();
    client = new RawSocket(world.test, world.podB, IPPROTO_SCTP);
    server = new RawSocket(world.test, world.podA, IPPROTO_SCTP);
    const captures = capturesOf({ targetPort: PORT, backends: [world.podA], nodePort: 30_080 });
    const sctp = captures
      .filter(({ protocol }) => protocol === 'TCP')
      .map((capture) => ({ ...capture, protocol: 'SCTP' as const }));
    world.programmer.apply('default/web', sctp);
  });

  after(() => {
    client.close();
    server.close();
    world.dispose();
  });

  for (const [row, to, port] of [
    ['row 1', '10.96.0.1', 80],
    ['row 5', '172.18.0.2', 30_080],
  ] as const) {
    test(`${row}: an INIT to ${to}:${port} reaches the endpoint, and its answer comes from there`, async (t) => {
      if (!isTracked(world)) return t.skip('this kernel does not track SCTP');
      const source = CLIENT_PORT + (port % 1000);
      const init = sctpPacket({ source, destination: port }, { chunk: 'init', initiateTag: 7 });
      client.send(to, init);
      const arrived = await server.receive();
      const isMasqueraded = arrived.source === '172.18.0.2';
      assert.equal(isMasqueraded, to === '172.18.0.2');
      assert.equal(portsOf(arrived.payload).destination, PORT);
      assert.ok(isSctpIntact(arrived.payload), 'the checksum follows the ports');
      const back = { source: PORT, destination: portsOf(arrived.payload).source };
      const tags = { verificationTag: 7, initiateTag: 8 };
      server.send(arrived.source, sctpPacket(back, { chunk: 'initAck', ...tags }));
      const answer = await client.receive();
      assert.equal(answer.source, to);
      assert.deepEqual(portsOf(answer.payload), { source: port, destination: source });
      assert.ok(isSctpIntact(answer.payload));
    });
  }
});

/** CONFIG_NF_CT_PROTO_SCTP; that the rules are programmed is tested elsewhere (node-programmer.test.ts). */
function isTracked({ test, node }: World): boolean {
  return test.kernel.inNamespace(node.path, () =>
    existsSync('/proc/sys/net/netfilter/nf_conntrack_sctp_timeout_established'),
  );
}
