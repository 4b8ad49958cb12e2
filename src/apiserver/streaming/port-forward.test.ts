import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { servePortForward } from './port-forward.ts';
import { type Frame, resetCodes } from './spdy/frames.ts';
import { SpdyPeer } from './spdy/testing/peer.ts';
import { LocalNode } from './testing/local-node.ts';

/** A node whose every port is the other end of `far`. */
class PipeNode extends LocalNode {
  readonly dialled: number[] = [];
  readonly far: Duplex;
  readonly near: Duplex;

  constructor() {
    super();
    [this.near, this.far] = duplexPair();
  }

  override portForward(_pod: unknown, port: number): Promise<Duplex> {
    this.dialled.push(port);
    return Promise.resolve(this.near);
  }
}

interface Scene {
  readonly peer: SpdyPeer;
  readonly node: PipeNode;
  readonly over: Promise<void>;
}

function open(): Scene {
  const peer = new SpdyPeer();
  const node = new PipeNode();
  const over = servePortForward({ transport: peer.far, namespace: 'default', pod: 'web', node });
  return { peer, node, over };
}

function textOf(frames: readonly Frame[], streamId: number): string {
  const payloads = frames.map((frame) =>
    frame.type === 'data' && frame.streamId === streamId ? frame.payload.toString() : '',
  );
  return payloads.join('');
}

test('pairs streams by request, whichever comes first', async () => {
  const { peer, node } = open();
  peer.open(1, { streamtype: 'data', port: '80', requestid: '0' });
  peer.open(3, { streamtype: 'error', port: '81', requestid: '1' });
  await peer.exchange();
  assert.deepEqual(node.dialled, []);
  peer.open(5, { streamtype: 'error', port: '80', requestid: '0' });
  await peer.exchange();
  assert.deepEqual(node.dialled, [80]);
});

test('pairs streams by their order for clients that name no request', async () => {
  const { peer, node } = open();
  peer.open(1, { streamtype: 'error', port: '8080' });
  peer.open(3, { streamtype: 'data', port: '8080' });
  peer.data(3, 'hello');
  const [heard] = (await once(node.far, 'data')) as [Buffer];
  assert.equal(heard.toString(), 'hello');
});

test('refuses streams of no known type or port', async () => {
  const { peer } = open();
  peer.open(1, { streamtype: 'stdin', port: '80' });
  peer.open(3, { streamtype: 'data', port: '0' });
  peer.open(5, { streamtype: 'data' });
  const refused = await peer.exchange();
  assert.deepEqual(
    refused,
    [1, 3, 5].map((streamId) => ({
      type: 'rstStream',
      streamId,
      status: resetCodes.refusedStream,
    })),
  );
});

test('tells a failure of the established connection on the error stream', async () => {
  const { peer, node } = open();
  peer.open(1, { streamtype: 'error', port: '80', requestid: '0' });
  peer.open(3, { streamtype: 'data', port: '80', requestid: '0' });
  peer.data(3, 'hello');
  await once(node.far, 'data');
  node.near.destroy(new Error('connection reset by peer'));
  let told = '';
  while (!told.endsWith('peer')) {
    told += textOf(await peer.exchange(), 1);
  }
  assert.equal(told, 'error forwarding port 80 to pod default/web, uid : connection reset by peer');
});

test('lets go of the pod when the client resets its stream or leaves', async () => {
  for (const leave of [
    (peer: SpdyPeer) => peer.send({ type: 'rstStream', streamId: 3, status: resetCodes.cancel }),
    (peer: SpdyPeer) => peer.transport.destroy(),
  ]) {
    const { peer, node } = open();
    peer.open(1, { streamtype: 'error', port: '80', requestid: '0' });
    peer.open(3, { streamtype: 'data', port: '80', requestid: '0' });
    await peer.exchange();
    const closed = once(node.near, 'close');
    leave(peer);
    await closed;
  }
});

test('is over when the client has gone', async () => {
  const { peer, over } = open();
  peer.open(1, { streamtype: 'error', port: '80', requestid: '0' });
  await peer.exchange();
  peer.transport.end();
  await over;
});
