// Packets: what pods, nodes, the outside world and the host see of each other.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createKernel } from '../../src/kernel/index.ts';
import { TestCluster, until, untilMatch } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const kernel = createKernel();

const nodes = ['node1', 'node2', 'node3'];
/** Two pods a node: neighbours and strangers. */
const names = nodes.flatMap((node) => [`${node}-a`, `${node}-b`]);

interface Addresses {
  readonly v4: string;
  readonly v6: string;
}
const addresses = new Map<string, Addresses>();

function service(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

const services = [
  service('all', {
    type: 'NodePort',
    selector: { tier: 'web' },
    ports: [
      // The name is looked up in each pod.
      { name: 'web', port: 80, targetPort: 'http', nodePort: 31080 },
      { name: 'alternative', port: 8081, targetPort: 8080 },
    ],
  }),
  service('one', { selector: { app: 'node1-a' }, ports: [{ port: 80, targetPort: 8080 }] }),
  service('nobody', { type: 'NodePort', selector: { app: 'nobody' }, ports: [{ port: 80 }] }),
  service('headless', {
    clusterIP: 'None',
    selector: { tier: 'web' },
    ports: [{ port: 80, targetPort: 8080 }],
  }),
  service('both', {
    ipFamilyPolicy: 'RequireDualStack',
    selector: { tier: 'web' },
    ports: [{ port: 80, targetPort: 8080 }],
  }),
  service('udp', {
    selector: { app: 'udp' },
    ports: [{ protocol: 'UDP', port: 53, targetPort: 5353 }],
  }),
];

before(async () => {
  await cluster.start();
  const webs = names.map((name) =>
    pod(name, {
      labels: { tier: 'web' },
      containers: [webServer],
      nodeName: name.slice(0, name.indexOf('-')),
    }),
  );
  // An image that nobody has: its stand-in sends every datagram back.
  const udp = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'udp', labels: { app: 'udp' } },
    spec: {
      containers: [
        {
          name: 'echo',
          image: 'example.invalid/echo',
          ports: [{ containerPort: 5353, protocol: 'UDP' }],
        },
      ],
    },
  };
  const client = pod('client', { containers: [sleeper] });
  await kubectl.apply(manifest(...webs, udp, client, ...services));
  await kubectl.wait('pod', 'condition=Ready', '--all');
  const pods = JSON.parse(await kubectl('get', 'pods', '-o', 'json')) as {
    items: { metadata: { name: string }; status: { podIPs: { ip: string }[] } }[];
  };
  for (const { metadata, status } of pods.items) {
    const [v4 = '', v6 = ''] = status.podIPs.map(({ ip }) => ip);
    addresses.set(metadata.name, { v4, v6 });
  }
});
after(() => cluster.close());

function addressOf(name: string): Addresses {
  return addresses.get(name) ?? { v4: '', v6: '' };
}

/** The server listens on `::`, so it writes addresses of both families as IPv6, in brackets. */
function plain(answer: string): string {
  return answer.replace(/^\[(?:::ffff:)?(.*)\]/, '$1');
}

/** What the server says about who asked, from a client pod. */
function ask(client: string, host: string): Promise<string> {
  return cluster.exec(client, 'wget', '-qO-', '-T', '5', `http://${host}/cgi-bin/who`);
}

/** The pin of a pod's network namespace. */
async function networkOf(name: string): Promise<string> {
  const uid = await kubectl.read('{.metadata.uid}', 'pod', name);
  return join(cluster.home, 'run', 'portolan', 'ns', `${uid}-net`);
}

/** Sends a datagram from a socket in a pod's network until it is answered. */
async function askUdp(name: string, to: { readonly address: string; readonly port: number }) {
  const fd = kernel.bindUdp(await networkOf(name), { address: '0.0.0.0', port: 0 });
  const socket = createSocket('udp4');
  const answers: { readonly words: string; readonly from: RemoteInfo }[] = [];
  socket.on('message', (words, from) => answers.push({ words: words.toString(), from }));
  // A refusal is an answer of the kernel's; the next attempt follows.
  socket.on('error', () => {});
  try {
    await new Promise<void>((resolve) => {
      socket.bind({ fd }, resolve);
    });
    return await until('an answer', () => {
      socket.send('ping', to.port, to.address);
      return answers[0];
    });
  } finally {
    socket.close();
  }
}

describe('pods', () => {
  for (const client of names) {
    test(`${client} reaches every pod on every node, without NAT, in both families`, async () => {
      const { v4, v6 } = addressOf(client);
      const urls = names.flatMap((name) => [
        `http://${addressOf(name).v4}:8080/cgi-bin/who`,
        `http://[${addressOf(name).v6}]:8080/cgi-bin/who`,
      ]);
      const script = urls.map((url) => `timeout 5 wget -qO- '${url}'`).join('\n');
      const answers = (await cluster.exec(client, 'sh', '-c', script)).split('\n');
      const expected = names.flatMap((name) => [`${v4} asked ${name}`, `${v6} asked ${name}`]);
      assert.deepEqual(answers.map(plain), expected);
    });
  }

  test('a node reaches every pod', async () => {
    for (const name of names) {
      const { v4 } = addressOf(name);
      const url = `http://${v4}:8080/cgi-bin/who`;
      const answer = await cluster.portolan('exec', 'node2', '--', 'curl', '-s', '-m', '5', url);
      assert.match(answer, new RegExp(` asked ${name}$`));
    }
  });
});

describe('Services', () => {
  test('a ClusterIP spreads over all pods and keeps the source', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'all');
    const script = `for i in $(seq 60); do timeout 5 wget -qO- http://${ip}/cgi-bin/who; done`;
    const answers = (await cluster.exec('client', 'sh', '-c', script)).split('\n');
    const { v4 } = addressOf('client');
    const seen = new Set(answers.map((line) => plain(line).replace(`${v4} asked `, '')));
    assert.deepEqual([...seen].sort(), names);
  });

  test('each named port is a port of its own', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'all');
    assert.match(await ask('client', `${ip}:8081`), / asked node\d-[ab]$/);
  });

  test('a pod reaches itself through its Service', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'one');
    assert.match(await ask('node1-a', ip), / asked node1-a$/);
  });

  test('a NodePort answers on every node, from the outside world and from the host', async () => {
    const ips = await kubectl.read('{.items[*].status.addresses[0].address}', 'nodes');
    for (const ip of ips.split(' ')) {
      const url = `http://${ip}:31080/cgi-bin/who`;
      const answer = await cluster.portolan('exec', 'outside', '--', 'curl', '-s', '-m', '5', url);
      assert.match(answer, / asked node\d-[ab]$/);
    }
    for (const node of nodes) {
      const url = `http://${await cluster.portolan('ip', '-n', node)}:31080/cgi-bin/who`;
      await untilMatch(
        / asked node\d-[ab]\n$/,
        async () => (await cluster.run('curl', ['-s', '-m', '5', url])).stdout,
      );
    }
  });

  test('without endpoints the answer is a refusal, at once', async () => {
    const [ip = '', port = ''] = (
      await kubectl.read('{.spec.clusterIP} {.spec.ports[0].nodePort}', 'service', 'nobody')
    ).split(' ');
    const target = `http://${ip}/`;
    const inside = await kubectl.run(['exec', 'client', '--', 'wget', '-qO-', '-T', '20', target]);
    assert.match(inside.stderr, /Connection refused/);
    const nodePort = `http://172.18.0.2:${port}/`;
    const outside = await cluster.tryPortolan('exec', 'outside', '--', 'curl', '-sSm20', nodePort);
    assert.equal(outside.code, 7, outside.stderr);
  });

  test('a dual-stack Service answers in both families', async () => {
    const ips = await kubectl.read('{.spec.clusterIPs[*]}', 'service', 'both');
    const [v4 = '', v6 = ''] = ips.split(' ');
    const own = addressOf('client');
    const [first, second] = [await ask('client', v4), await ask('client', `[${v6}]`)];
    assert.ok(plain(first).startsWith(`${own.v4} asked `), first);
    assert.ok(plain(second).startsWith(`${own.v6} asked `), second);
  });

  test('a UDP port', async () => {
    const address = await kubectl.read('{.spec.clusterIP}', 'service', 'udp');
    const { words, from } = await askUdp('client', { address, port: 53 });
    assert.equal(words, 'ping');
    assert.deepEqual([from.address, from.port], [address, 53]);
  });

  test('a headless Service has no address, but endpoints', async () => {
    assert.equal(await kubectl.read('{.spec.clusterIP}', 'service', 'headless'), 'None');
    const found = await kubectl.read(
      '{.items[*].endpoints[*].addresses[0]}',
      'endpointslices',
      '-l',
      'kubernetes.io/service-name=headless',
    );
    const expected = names.map((name) => addressOf(name).v4);
    assert.deepEqual(found.split(' ').sort(), expected.sort());
  });

  test('a pod that goes is gone from the Service, one that comes is in it', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'one');
    await kubectl('label', 'pod', 'node1-a', 'app=other', '--overwrite');
    await until('the refusal', async () => {
      const { code } = await kubectl.run(['exec', 'client', '--', 'wget', '-qO-', `http://${ip}/`]);
      return code === 0 ? undefined : true;
    });
    await kubectl('label', 'pod', 'node3-b', 'app=node1-a', '--overwrite');
    await untilMatch(/ asked node3-b$/, async () => {
      const args = ['exec', 'client', '--', 'wget', '-qO-', `http://${ip}/cgi-bin/who`];
      return (await kubectl.run(args)).stdout.trimEnd();
    });
  });
});

describe('the API from a pod', () => {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';

  /** Calls the API as a program in the pod would: by the Service, with the pod's token, trusting the mounted CA. */
  async function call(path: string): Promise<{ readonly code: string; readonly body: string }> {
    const token = await cluster.exec('client', 'cat', `${account}/token`);
    const ca = join(cluster.home, 'mounted-ca.crt');
    await cluster.ok('sh', ['-c', `kubectl exec client -- cat ${account}/ca.crt > ${ca}`]);
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'kubernetes');
    const trust = ['--cacert', ca, '-H', `Authorization: Bearer ${token}`];
    const args = ['-sS', '-m', '10', '-w', '\n%{http_code}', ...trust, `https://${ip}${path}`];
    // The busybox of the pod speaks no TLS, so the host's curl goes into its network.
    const curl = kernel.inNamespace(await networkOf('client'), () =>
      spawn('curl', args, { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const answer = await text(curl.stdout);
    const end = answer.lastIndexOf('\n');
    return { body: answer.slice(0, end), code: answer.slice(end + 1) };
  }

  test('/version is for everybody', async () => {
    const { code, body } = await call('/version');
    assert.equal(code, '200');
    assert.match((JSON.parse(body) as { gitVersion: string }).gitVersion, /^v1\./);
  });

  test('pods are for those whom a RoleBinding allows', async () => {
    const path = '/api/v1/namespaces/default/pods';
    const refused = await call(path);
    assert.equal(refused.code, '403');
    assert.equal(
      (JSON.parse(refused.body) as { message: string }).message,
      'pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    await kubectl('create', 'role', 'reader', '--verb=list', '--resource=pods');
    const subject = '--serviceaccount=default:default';
    await kubectl('create', 'rolebinding', 'reader', '--role=reader', subject);
    const allowed = await until('the permission', async () => {
      const answer = await call(path);
      return answer.code === '200' ? answer : undefined;
    });
    assert.equal((JSON.parse(allowed.body) as { kind: string }).kind, 'PodList');
  });
});
