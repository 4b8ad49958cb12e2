import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'node:test';
import { ApiError, podKind, type AnyObject } from '../../kube/index.ts';
import type { ContainerTarget, LogOptions } from '../../node/index.ts';
import { pod } from '../registry/testing/registry.ts';
import { LocalNode } from '../streaming/testing/local-node.ts';
import { startTestServer, type TestServer } from '../testing/api-server.ts';
import { ask, openHttp2 } from '../testing/http.ts';
import { kubectls, KubectlRunner } from '../testing/kubectl.ts';

/** A node whose containers have said two lines, and go on until the reader leaves. */
class TalkingNode extends LocalNode {
  readonly asked: LogOptions[] = [];
  left = Promise.withResolvers<void>();

  override async logs(
    target?: ContainerTarget,
    options?: LogOptions,
    out?: Writable,
    signal?: AbortSignal,
  ): Promise<void> {
    if (target === undefined || options === undefined || out === undefined) return;
    if (target.container === 'missing') {
      throw new ApiError('BadRequest', `container missing is not valid for pod ${target.pod}`);
    }
    this.asked.push(options);
    if (target.container === 'long') {
      await pipeline(endless(), out).catch(() => this.left.resolve());
      return;
    }
    out.write('one\ntwo\n');
    if (!options.follow) return;
    await new Promise<void>((resolve) => {
      signal?.addEventListener('abort', () => resolve());
    });
    this.left.resolve();
  }
}

/** A log that is being answered. */
async function openLog({ port, pki }: TestServer, path: string): Promise<Readable> {
  const { certificate: cert, key } = pki.admin;
  const ca = pki.ca.certificate;
  const call = request({ host: '127.0.0.1', port, path, ca, cert, key, agent: false });
  call.end();
  const [response] = await once(call, 'response');
  response.on('error', () => undefined);
  return response as Readable;
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024, 'x');
}

const path = '/api/v1/namespaces/default/pods/web';

describe('the streaming subresources of a pod', () => {
  let server: TestServer;
  const node = new TalkingNode();
  before(async () => {
    server = await startTestServer({
      admission: () => [],
      nodeApi: (name) => (name === 'node1' ? node : undefined),
    });
    for (const [name, nodeName] of [
      ['web', 'node1'],
      ['lost', 'node2'],
      ['waiting', undefined],
    ] as const) {
      const { metadata, ...rest } = pod(name, nodeName);
      const object = { ...rest, metadata: { ...metadata, namespace: 'default' } };
      await server.client.create<AnyObject>(podKind as never, object);
    }
  });
  after(() => server.close());

  it('sends a log with the options asked for', async () => {
    const { text, headers } = await ask(server, `${path}/log?tailLines=5&timestamps=true`);
    assert.equal(text, 'one\ntwo\n');
    assert.equal(headers['content-type'], 'text/plain');
    const { tailLines, timestamps, follow } = node.asked.at(-1) ?? {};
    assert.deepEqual([tailLines, timestamps, follow], [5, true, false]);
  });

  const long = `${path}/log?container=long`;

  it('writes no more of a log when a client of HTTP/1.1 leaves in its midst', async () => {
    node.left = Promise.withResolvers();
    const response = await openLog(server, long);
    await once(response, 'readable');
    response.destroy();
    await node.left.promise;
  });

  it('writes no more of a log when a client of HTTP/2 leaves in its midst', async () => {
    node.left = Promise.withResolvers();
    const session = openHttp2(server);
    const stream = session.request({ ':path': long });
    await once(stream, 'readable');
    stream.close();
    await node.left.promise;
    session.destroy();
  });

  it('follows a log until the client leaves', async () => {
    node.left = Promise.withResolvers();
    const session = openHttp2(server);
    const stream = session.request({ ':path': `${path}/log?follow=true` });
    const [first] = await stream.take(1).toArray();
    assert.equal(String(first), 'one\ntwo\n');
    stream.close();
    await node.left.promise;
    session.close();
  });

  const refusals: readonly (readonly [string, number, string])[] = [
    [`${path}/log?container=missing`, 400, 'container missing is not valid for pod web'],
    [`${path}/log?tailLines=-1`, 422, 'must be greater than or equal to 0'],
    [
      '/api/v1/namespaces/default/pods/waiting/log',
      400,
      'pod waiting does not have a host assigned',
    ],
    ['/api/v1/namespaces/default/pods/lost/log', 503, 'the agent of node node2 is not running'],
    ['/api/v1/namespaces/default/pods/nope/log', 404, 'pods "nope" not found'],
    [`${path}/exec?command=ls`, 400, 'Upgrade request required'],
  ];
  for (const [url, status, message] of refusals) {
    it(`answers ${url} with ${status}`, async () => {
      const answer = await ask(server, url);
      assert.equal(answer.status, status);
      assert.ok(answer.object.message?.includes(message), answer.object.message);
    });
  }

  for (const kubectl of kubectls) {
    it(`runs commands for ${kubectl.name}`, { skip: kubectl.skip }, async () => {
      const runner = new KubectlRunner(kubectl, server);
      await runner.open();
      const echoed = await runner.run(['exec', 'web', '--', 'echo', 'hello']);
      assert.equal(echoed.text, 'hello\n');
      assert.equal((await runner.run(['logs', 'web'])).text, 'one\ntwo\n');
      const refused = await runner.run(['exec', 'waiting', '--', 'echo']);
      assert.match(refused.text, /pod waiting does not have a host assigned/);
    });
  }
});
