import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { after, test } from 'node:test';
import { encodeMessage, rcodes } from '../../dnswire/index.ts';
import { addressRecord, queryOf } from '../../dnswire/testing/messages.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import { askUdp } from '../testing/client.ts';
import { ForwardingLab } from '../testing/forwarding-lab.ts';
import { UdpServer } from './udp-server.ts';

const host = new TestKernel();
const { kernel } = host;
const lab = new ForwardingLab();
after(async () => {
  await lab.close();
  host.dispose();
});

const at = { address: '127.0.0.1', port: 5300 };
const name = 'a.example.';

test('a question from port 0, which nobody can answer, does no harm', async () => {
  const netns = host.namespace('node');
  // Sockets have other ports; the rule makes it 0 on the way.
  const rules = `table ip t {
    chain out {
      type filter hook output priority 0
      udp sport 40001 udp sport set 0
    }
  }`;
  execFileSync('nsenter', [`--net=${netns}`, 'nft', '-f', '-'], { input: rules });
  const upstream = await lab.upstream(() => ({ answers: [addressRecord(name, '192.0.2.1')] }));
  const { engine, lines } = lab.engine({ corefile: `. {\n forward . ${upstream.text}\n}` });
  const log = (text: string): void => void lines.push(text);
  const fd = kernel.bindUdp(netns, at);
  const server = await UdpServer.start({ fd, family: 4, engine, log });
  lab.onClose(() => server.close());
  const client = createSocket('udp4');
  client.bind({ fd: kernel.bindUdp(netns, { ...at, port: 40_001 }) });
  lab.onClose(() => client.close());
  for (let id = 0; id < 3; id += 1) {
    client.send(encodeMessage(queryOf(`${id}.example.`)), at.port, at.address);
  }
  const answer = await askUdp({ kernel, from: netns, to: at }, queryOf(name));
  assert.equal(answer.rcode, rcodes.NOERROR);
  assert.deepEqual(upstream.asked, [`udp ${name}`]);
  assert.deepEqual(lines, []);
});
