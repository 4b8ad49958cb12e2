import { equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildNginxImage } from '../../../test/images/images.ts';
import { makeTestPod, type TestPod } from '../testing/pod.ts';
import { Collector, until } from '../testing/streams.ts';
import { createImageService } from './image-service.ts';

describe('a real web server from a real image', () => {
  it("serves nginx's own welcome page in the pod's namespace", async () => {
    const pod = makeTestPod();
    const images = createImageService({
      directory: join(pod.directory, 'images'),
      policy: 'strict',
    });
    await images.importArchive(buildNginxImage(), {});
    const image = await images.resolve('nginx:latest', 'Always');
    const runtime = await pod.openRuntime();
    const args = [...image.entrypoint, ...image.command];
    await runtime.run(pod.spec('nginx', args, { image, env: image.env }));

    match(await welcomePage(pod), /<title>Welcome to nginx!<\/title>/);
    await until(() => pod.log('nginx').includes('"GET / HTTP/1.1" 200'));
    const status = await runtime.stop('nginx', 30);
    equal(status.exitCode, 0, 'SIGQUIT ends nginx gracefully');
    await runtime.remove('nginx');
    await runtime.close();
    await pod.remove();
  });
});

async function welcomePage(pod: TestPod): Promise<string> {
  const socket = await connectWhenOpen(pod);
  const call = request({ path: '/', createConnection: () => socket });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const body = new Collector();
  response.pipe(body);
  await once(body, 'finish');
  return body.text;
}

async function connectWhenOpen(pod: TestPod): Promise<Socket> {
  for (;;) {
    const socket = new Socket({ fd: pod.kernel.openTcp(pod.namespaces.net, 4) });
    const connected = once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.connect(80, '127.0.0.1');
    if (await connected) return socket;
  }
}
