import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ContainerRuntime, ContainerSpec, StandInPort } from '../runtime.ts';
import { makeTestPod, type TestPod } from '../testing/pod.ts';
import { clientStreams, Collector } from '../testing/streams.ts';

const web: StandInPort = { port: 80, protocol: 'TCP' };

describe('stand-ins', () => {
  let pod: TestPod;
  let runtime: ContainerRuntime;
  before(async () => {
    pod = makeTestPod();
    runtime = await pod.openRuntime();
  });
  after(async () => {
    await runtime.close();
    await pod.remove();
  });

  const spec = (id: string, ports: readonly StandInPort[]): ContainerSpec => {
    const identity = {
      pod: 'web-0',
      namespace: 'default',
      node: 'node-1',
      podIPs: ['10.244.1.2'],
      container: 'web',
      image: 'shop:1.2',
    };
    const image = {
      ...pod.busybox,
      kind: 'stand-in' as const,
      reference: 'shop:1.2',
      id: 'stand-in://shop:1.2',
    };
    const { rootfs: _none, ...rest } = image;
    return pod.spec(id, [], { image: rest, standIn: { identity, ports } });
  };

  const connectTo = async (port: number): Promise<Socket> => {
    const socket = new Socket({ fd: pod.kernel.openTcp(pod.namespaces.net, 4) });
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  const get = async (port: number, path: string): Promise<{ status: number; body: string }> => {
    const socket = await connectTo(port);
    const call = request({ path, createConnection: () => socket, headers: { host: 'shop.test' } });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const body = new Collector();
    response.pipe(body);
    await once(body, 'finish');
    return { status: response.statusCode ?? 0, body: body.text };
  };

  it('answers any HTTP path with a page that names the pod', async () => {
    const status = await runtime.run(spec('page', [web]));
    equal(status.state, 'running');
    equal(status.imageId, 'stand-in://shop:1.2');
    const { status: code, body } = await get(80, '/any/path?x=1');
    equal(code, 200);
    const page = JSON.parse(body) as Record<string, unknown>;
    equal(page['pod'], 'web-0');
    equal(page['node'], 'node-1');
    equal(page['port'], 80);
    equal(page['path'], '/any/path?x=1');
    equal(page['host'], 'shop.test');
    equal(page['image'], 'shop:1.2');
    match(pod.log('page'), /stdout F stand-in for shop:1\.2: .*80\/TCP/);
    match(pod.log('page'), /"GET \/any\/path\?x=1" 200/);
    equal((await runtime.stop('page', 30)).reason, 'Completed');
    await rejects(connectTo(80), /ECONNREFUSED/);
    await runtime.remove('page');
  });

  it('echoes what is not HTTP, on TCP and UDP', async () => {
    await runtime.run(spec('echo', [web, { port: 53, protocol: 'UDP' }]));
    const socket = await connectTo(80);
    const answers = new Collector();
    socket.pipe(answers);
    socket.write('G');
    socket.write('ood day');
    await answers.waitFor(/^Good day$/);
    socket.end(' bye');
    await once(socket, 'end');
    equal(answers.text, 'Good day bye');

    const udp = createSocket('udp4');
    const listening = once(udp, 'listening');
    udp.bind({ fd: pod.kernel.bindUdp(pod.namespaces.net, { address: '127.0.0.1', port: 0 }) });
    await listening;
    udp.send('ping', 53, '127.0.0.1');
    const [message] = (await once(udp, 'message')) as [Buffer];
    equal(message.toString(), 'ping');
    udp.close();
    await runtime.stop('echo', 0);
    await runtime.remove('echo');
  });

  it('answers on no port that was being opened when it was stopped', async () => {
    await runtime.run(spec('late', []));
    const opening = runtime.updateStandInPorts('late', [web]);
    await Promise.all([opening, runtime.stop('late', 0)]);
    await rejects(connectTo(80), /ECONNREFUSED/);
    await runtime.remove('late');
  });

  it('serves gRPC health checks', async () => {
    await runtime.run(spec('grpc', [web]));
    const socket = await connectTo(80);
    const session = connectHttp2('http://pod', { createConnection: () => socket });
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
    });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
    const trailers = once(stream, 'trailers');
    const [body] = (await once(stream, 'data')) as [Buffer];
    deepEqual([...body], [0, 0, 0, 0, 2, 8, 1]);
    const [values] = (await trailers) as [Record<string, string>];
    equal(values['grpc-status'], '0');
    session.destroy();
    await runtime.stop('grpc', 0);
    await runtime.remove('grpc');
  });

  it('changes its ports and keeps the connections of those that stay', async () => {
    await runtime.run(spec('moves', [web]));
    const socket = await connectTo(80);
    const answers = new Collector();
    socket.pipe(answers);
    await runtime.updateStandInPorts('moves', [web, { port: 8080, protocol: 'TCP' }]);
    equal((await get(8080, '/')).status, 200);
    socket.write('hello');
    await answers.waitFor(/hello/);
    await runtime.updateStandInPorts('moves', [{ port: 8080, protocol: 'TCP' }]);
    await rejects(connectTo(80), /ECONNREFUSED/);
    match(pod.log('moves'), /answering on 80\/TCP\n.*answering on 80\/TCP, 8080\/TCP\n/);
    match(pod.log('moves'), /answering on 8080\/TCP\n$/);
    const record = join(pod.directory, 'runtime', 'stand-ins', 'moves.json');
    const { ino } = statSync(record);
    await runtime.updateStandInPorts('moves', [{ port: 8080, protocol: 'TCP' }]);
    equal(statSync(record).ino, ino, 'what does not change is not written again');
    await runtime.stop('moves', 0);
    await runtime.remove('moves');
  });

  it('says which port another container of the pod has', async () => {
    await runtime.run(spec('one', [web]));
    await rejects(runtime.run(spec('two', [{ port: 81, protocol: 'TCP' }, web])), {
      code: 'CONTAINER_CANNOT_RUN',
      message: /port 80\/TCP of container web is already in use in pod default\/web-0/,
    });
    await rejects(connectTo(81), /ECONNREFUSED/, 'nothing of the failed one stays open');
    await runtime.stop('one', 0);
    await runtime.remove('one');
  });

  it('opens a toolbox in the namespaces of the pod, and takes it away', async () => {
    await runtime.run(spec('tools', [web]));
    const client = clientStreams(false);
    const args = ['wget', '-qO-', 'http://127.0.0.1/from-inside'];
    equal(await runtime.exec('tools', args, client), 0);
    match(client.stdout.text, /"path": "\/from-inside"/);
    equal((await runtime.execSync('tools', ['hostname'], 5000)).output, 'web-0\n');
    equal((await runtime.list()).length, 1, 'the toolbox is not listed');
    await runtime.stop('tools', 0);
    await runtime.remove('tools');
    ok(!pod.log('tools').includes('toolbox'));
  });

  it('answers again after a restart of the daemon', async () => {
    await runtime.run(spec('stays', [web]));
    await runtime.close();
    runtime = await pod.openRuntime();
    const [status] = await runtime.list();
    equal(status?.state, 'running');
    equal((await get(80, '/')).status, 200);
    await runtime.stop('stays', 0);
    await runtime.close();
    runtime = await pod.openRuntime();
    equal((await runtime.list())[0]?.state, 'exited');
    await runtime.remove('stays');
  });

  it('has exited when it cannot be taken over', async () => {
    await runtime.run(spec('lost', [web]));
    await runtime.close();
    const thief = pod.kernel.listenTcp(pod.namespaces.net, { address: '::', port: 80 });
    runtime = await pod.openRuntime();
    const [status] = await runtime.list();
    equal(status?.exitCode, 255);
    match(status.message ?? '', /already in use/);
    pod.kernel.closeDescriptor(thief);
    await runtime.remove('lost');
  });
});
