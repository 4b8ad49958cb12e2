// What changes while requests come: pods, routes, classes, and things that are broken. Nobody else feels it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until, untilMatch } from './harness.ts';
import { IngressClient } from './ingress-client.ts';
import { manifest } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const client = new IngressClient(cluster);
let at = '';

interface Fields {
  readonly host?: string;
  readonly path?: string;
  readonly service?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

function ingress(name: string, { host, path = '/', service = 'web', annotations, spec }: Fields) {
  const backend = { service: { name: service, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      rules: [{ host, http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }],
      ...spec,
    },
  };
}

before(async () => {
  await cluster.start('--addons', 'ingress');
  await kubectl('create', 'deploy', 'web', '--image=web', '--replicas=3');
  await kubectl('expose', 'deploy', 'web', '--port=80');
  await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
  await kubectl.apply(manifest(ingress('web', { host: 'web.test' })));
  at = await client.address('web');
  await client.awaitStatus(200, at, 'http://web.test/');
});
after(() => cluster.close());

/** Requests at a steady rate, whatever becomes of the earlier ones, until it is ended. */
class Load {
  readonly failures: string[] = [];
  done = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #open = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  constructor(perSecond: number) {
    const started = performance.now();
    this.#timer = setInterval(() => {
      // What a busy machine has kept it from is made up for.
      const due = ((performance.now() - started) * perSecond) / 1000;
      while (this.done + this.#open.size < due) this.#ask();
    }, 5);
  }

  #ask(): void {
    const answered = this.#count().finally(() => {
      this.done += 1;
      this.#open.delete(answered);
    });
    this.#open.add(answered);
  }

  async #count(): Promise<void> {
    try {
      const status = await this.#answered();
      if (status !== 200) this.failures.push(String(status));
    } catch (error) {
      this.failures.push(String(error));
    }
  }

  async #answered(): Promise<number | undefined> {
    const outgoing = request({
      host: at,
      agent: this.#agent,
      headers: { host: 'web.test' },
      timeout: 10_000,
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('timeout')));
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [
      NodeJS.ReadableStream & { statusCode?: number },
    ];
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
  }
}

test('rolling updates under 500 requests a second lose none', async (context) => {
  const load = new Load(500);
  try {
    for (const round of ['1', '2']) {
      await kubectl('set', 'env', 'deploy/web', `ROUND=${round}`);
      await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    }
    // Routes of others come and go meanwhile.
    for (const name of ['one', 'two', 'three']) {
      await kubectl.apply(manifest(ingress(name, { host: `${name}.test` })));
      await kubectl('delete', 'ingress', name);
    }
  } finally {
    await load.end();
  }
  context.diagnostic(`${load.done} requests`);
  assert.deepEqual(load.failures, [], `${load.failures.length} of ${load.done} failed`);
  assert.ok(load.done > 100, `only ${load.done} requests`);
});

test('a route is live and has its address soon after it is applied', async (context) => {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await kubectl.apply(manifest(ingress('timed', { host: `timed-${round}.test` })));
    const started = performance.now();
    await client.awaitStatus(200, at, `http://timed-${round}.test/`);
    times.push(performance.now() - started);
  }
  context.diagnostic(
    `route to live, kubectl and curl aside: ${times.map(Math.round).join(' ')} ms`,
  );
});

test('an endpoint is routed to soon after its pod is ready', async (context) => {
  await kubectl('create', 'deploy', 'late', '--image=late', '--replicas=0');
  await kubectl('expose', 'deploy', 'late', '--port=80');
  await kubectl.apply(manifest(ingress('late', { host: 'late.test', service: 'late' })));
  await client.awaitStatus(503, at, 'http://late.test/');
  await kubectl('scale', 'deploy', 'late', '--replicas=1');
  await kubectl('wait', 'deploy/late', '--for=condition=Available', '--timeout=60s');
  const started = performance.now();
  await client.awaitStatus(200, at, 'http://late.test/');
  context.diagnostic(`endpoint to routed: ${Math.round(performance.now() - started)} ms`);
});

describe('what is broken', () => {
  const prefix = 'nginx.ingress.kubernetes.io/';
  const broken: Readonly<Record<string, { object: object; reason: string; warning: RegExp }>> = {
    'a Secret that is no certificate': {
      object: ingress('secret', {
        host: 'secret.test',
        spec: { tls: [{ hosts: ['secret.test'], secretName: 'rubbish' }] },
      }),
      reason: 'SecretInvalid',
      warning: /spec\.tls\[0\]\.secretName: Secret "default\/rubbish" is no certificate: /,
    },
    'an expression that is none': {
      object: ingress('expression', {
        host: 'web.test',
        path: '/broken(',
        annotations: { [`${prefix}use-regex`]: 'true' },
      }),
      reason: 'ExpressionInvalid',
      warning:
        /spec\.rules\[0\]\.http\.paths\[0\]: Invalid regular expression: .*; the path is left out/,
    },
    'an annotation that is not honoured': {
      object: ingress('snippet', {
        host: 'snippet.test',
        annotations: { [`${prefix}configuration-snippet`]: 'return 418;' },
      }),
      reason: 'AnnotationRefused',
      warning: /configuration-snippet\]: not honoured: /,
    },
    'an annotation that nobody knows': {
      object: ingress('typo', { host: 'typo.test', annotations: { [`${prefix}rewrite`]: '/' } }),
      reason: 'AnnotationUnknown',
      warning: /no annotation of this name is known/,
    },
    'a path that another has': {
      object: ingress('thief', { host: 'web.test' }),
      reason: 'HostPathConflict',
      warning: /host "web\.test" and path "\/" belong to the older Ingress default\/web/,
    },
    'what another decides for the whole host': {
      object: ingress('root', { host: 'root.test', annotations: { [`${prefix}app-root`]: '/b' } }),
      reason: 'HostPolicyConflict',
      warning:
        /app-root\]: the older Ingress default\/first decides for host "root\.test" where \/ is/,
    },
    'a Service that is not there': {
      object: ingress('nobody', { host: 'nobody.test', service: 'nobody' }),
      reason: 'ServiceNotFound',
      warning: /default\/nobody:80: the Service does not exist; requests get 503 until it does/,
    },
    'a class that is not there': {
      object: ingress('class', { host: 'class.test', spec: { ingressClassName: 'traefik' } }),
      reason: 'ClassNotFound',
      warning: /no IngressClass "traefik": there is nginx; nothing routes this Ingress/,
    },
  };

  before(async () => {
    await kubectl('create', 'secret', 'generic', 'rubbish', '--from-literal=tls.crt=x');
    const rule = ['--rule=root.test/first=web:80', `--annotation=${prefix}app-root=/a`];
    await kubectl('create', 'ingress', 'first', ...rule);
  });

  for (const [what, { object, reason, warning }] of Object.entries(broken)) {
    test(`${what}: a warning, an Event, and no harm to others`, async () => {
      const { stderr } = await kubectl.run(['apply', '-f', '-'], { input: JSON.stringify(object) });
      assert.match(stderr, warning);
      const { name } = (object as { metadata: { name: string } }).metadata;
      const about = `involvedObject.name=${name},reason=${reason}`;
      const events = (): Promise<string> => kubectl('get', 'events', '--field-selector', about);
      await untilMatch(warning, events);
      assert.equal((await client.ask(at, 'http://web.test/')).status, 200);
      await kubectl('delete', 'ingress', name);
    });
  }

  test('a host that is none is refused, and nothing has changed', async () => {
    const refused = await kubectl.applyFails(manifest(ingress('host', { host: 'not_a host' })));
    assert.match(refused, /spec\.rules\[0\]\.host: Invalid value: "not_a host"/);
    assert.equal((await client.ask(at, 'http://web.test/')).status, 200);
  });

  test('thousands of rules that all name nothing: one warning, and the rest goes on', async () => {
    const backend = { service: { name: 'nobody', port: { number: 80 } } };
    const rules = Array.from({ length: 2000 }, (_, index) => ({
      host: `host-${index}.test`,
      http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
    }));
    const many = ingress('many', { spec: { rules } });
    const { stderr } = await kubectl.run(['create', '-f', '-'], { input: JSON.stringify(many) });
    assert.match(
      stderr,
      /^Warning: spec\.rules\[\d+\].* and 1999 more: default\/nobody:80: [^\n]*\n$/,
    );
    await client.awaitStatus(503, at, 'http://host-1999.test/');
    assert.equal((await client.ask(at, 'http://web.test/')).status, 200);
    await kubectl('delete', 'ingress', 'many');
  });
});

describe('several classes side by side', () => {
  const classOf = (name: string, controller: string): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name },
    spec: { controller },
  });

  test('each controller has its own: another one’s Ingress is left alone', async () => {
    await kubectl.apply(
      manifest(
        classOf('other', 'example.com/other'),
        classOf('second', 'k8s.io/ingress-nginx'),
        ingress('other', { host: 'other.test', spec: { ingressClassName: 'other' } }),
        ingress('second', { host: 'second.test', spec: { ingressClassName: 'second' } }),
        ingress('legacy', {
          host: 'legacy.test',
          annotations: { 'kubernetes.io/ingress.class': 'nginx' },
        }),
      ),
    );
    for (const name of ['second', 'legacy']) {
      await client.address(name);
      assert.equal((await client.ask(at, `http://${name}.test/`)).status, 200);
    }
    assert.equal((await client.ask(at, 'http://other.test/')).status, 404);
    const path = '{.status.loadBalancer.ingress}';
    assert.equal(await kubectl.read(path, 'ingress', 'other'), '');
  });

  test('what changes its class changes hands', async () => {
    const patch = (className: string): Promise<string> =>
      kubectl('patch', 'ingress', 'other', '-p', `{"spec":{"ingressClassName":"${className}"}}`);
    await patch('nginx');
    await client.address('other');
    assert.equal((await client.ask(at, 'http://other.test/')).status, 200);
    await patch('other');
    await client.awaitStatus(404, at, 'http://other.test/');
    const path = '{.status.loadBalancer.ingress[0].ip}';
    await untilMatch(/^$/, () => kubectl.read(path, 'ingress', 'other'));
  });
});

test('a controller pod that is deleted is replaced, and nothing is lost for good', async () => {
  const controller = ['-n', 'ingress-nginx', '-l', 'app.kubernetes.io/component=controller'];
  const name = await kubectl.read('{.items[0].metadata.name}', 'pod', ...controller);
  await kubectl('delete', 'pod', '-n', 'ingress-nginx', name);
  await until('another pod', async () => {
    const names = await kubectl('get', 'pod', ...controller, '-o', 'name');
    return names !== '' && !names.includes(name) ? true : undefined;
  });
  await client.awaitStatus(200, at, 'http://web.test/');
  assert.equal(await client.address('web'), at);
});
