// Real images: Debian's nginx and busybox as OCI archives, imported and served.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildBusyboxImage, buildNginxImage } from '../images/images.ts';
import { TestCluster, untilMatch } from './harness.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const welcome = /<title>Welcome to nginx!<\/title>/;

before(() => cluster.start());
after(() => cluster.close());

describe('image', () => {
  test('import takes archives in', async () => {
    assert.match(
      await cluster.portolan('image', 'import', 'nginx:latest', buildNginxImage()),
      /^imported (docker\.io\/library\/)?nginx:latest \(sha256:[0-9a-f]{64}\)$/,
    );
    await cluster.portolan('image', 'import', 'my/busybox:debian', buildBusyboxImage());
    const listed = await cluster.portolan('image', 'ls');
    assert.match(listed, /^IMAGE +ID +SIZE +CREATED$/m);
    assert.match(listed, /nginx:latest +[0-9a-f]{12} +\d+\.\dMB /);
    assert.match(listed, /my\/busybox:debian +[0-9a-f]{12} /);
  });

  test('a Deployment of nginx serves its own page, in the cluster and on the host', async () => {
    await kubectl('create', 'deploy', 'web', '--image=nginx:latest', '--replicas=2');
    await kubectl('expose', 'deploy', 'web', '--port=80', '--type=NodePort');
    await kubectl('run', 'shell', '--image=my/busybox:debian', '--', 'sleep', '3600');
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    await kubectl.wait('pod/shell', 'condition=Ready');
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'web');
    assert.match(await cluster.exec('shell', 'wget', '-qO-', `http://${ip}/`), welcome);
    const url = await cluster.portolan('service', 'web', '--url');
    await untilMatch(
      welcome,
      async () => (await cluster.run('curl', ['-s', '-m', '5', url])).stdout,
    );
    const id = '{.items[0].status.containerStatuses[0].imageID}';
    assert.doesNotMatch(await kubectl.read(id, 'pods', '-l', 'app=web'), /stand-in/);
    assert.match(await kubectl('logs', '-l', 'app=web'), /"GET \/ HTTP\/1\.1" 200/);
    assert.doesNotMatch(await cluster.portolan('status'), /STAND-IN/);
  });

  test('rm keeps what is in use, and takes away what is not', async () => {
    const { code, stderr } = await cluster.tryPortolan('image', 'rm', 'my/busybox:debian');
    assert.equal(code, 1);
    assert.match(stderr, /image my\/busybox:debian is used by a container\n +Delete the pods/);
    assert.equal(await cluster.exec('shell', 'echo', 'still here'), 'still here');
    await kubectl('delete', 'pod', 'shell', '--grace-period=1');
    assert.equal(
      await cluster.portolan('image', 'rm', 'my/busybox:debian'),
      'removed my/busybox:debian',
    );
    assert.doesNotMatch(await cluster.portolan('image', 'ls'), /my\/busybox/);
    assert.match(
      (await cluster.tryPortolan('image', 'rm', 'my/busybox:debian')).stderr,
      /my\/busybox:debian/,
    );
  });

  test('import of a directory makes an image with what is said of it', async () => {
    const folder = `${cluster.home}/rootfs`;
    await cluster.ok('mkdir', ['-p', `${folder}/bin`]);
    await cluster.ok('sh', ['-c', `cp "$(command -v busybox)" ${folder}/bin/busybox`]);
    const entrypoint = '["/bin/busybox","sh","-c"]';
    const command = '["echo $GREETING; exec /bin/busybox sleep 3600"]';
    const flags = ['--entrypoint', entrypoint, '--cmd', command, '--env', 'GREETING=hello'];
    await cluster.portolan('image', 'import', 'hand/made', folder, ...flags);
    await kubectl('run', 'made', '--image=hand/made');
    await kubectl.wait('pod/made', 'condition=Ready');
    await untilMatch(/^hello$/, () => kubectl('logs', 'made'));
  });

  test('what is no image is refused', async () => {
    const { code, stderr } = await cluster.tryPortolan('image', 'import', 'x', '/etc/hostname');
    assert.equal(code, 1);
    assert.match(stderr, /\/etc\/hostname/);
  });
});
