// Workloads beyond Deployments: what runs to its end, what has a name of its own, what runs on every node.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until, untilMatch } from './harness.ts';
import { container, manifest, sleeper, template } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

before(() => cluster.start());
after(() => cluster.close());

function job(name: string, script: string, spec: object = {}): string {
  const pod = { restartPolicy: 'Never', terminationGracePeriodSeconds: 0 };
  return manifest({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { template: { spec: { ...pod, containers: [container({ script })] } }, ...spec },
  });
}

describe('a Job', () => {
  test('is made by kubectl, completes, and has logs', async () => {
    await kubectl('create', 'job', 'hello', '--image=busybox', '--', 'sh', '-c', 'echo done here');
    await kubectl.wait('job/hello', 'condition=complete');
    assert.equal(await kubectl('logs', 'job/hello'), 'done here');
    assert.match(
      await kubectl('get', 'jobs'),
      /^NAME +STATUS +COMPLETIONS +DURATION +AGE\nhello +Complete +1\/1 +\d+s +\d+s$/,
    );
    assert.match(
      await kubectl('get', 'pods', '-l', 'job-name=hello'),
      /hello-\w{5} +0\/1 +Completed/,
    );
    assert.match(await kubectl('describe', 'job', 'hello'), /Normal +Completed .*Job completed$/m);
    await kubectl('delete', 'job', 'hello');
    await untilMatch(/^$/, () => kubectl('get', 'pods', '-l', 'job-name=hello', '-o', 'name'));
  });

  test('that fails says why', async () => {
    await kubectl.apply(job('broken', 'exit 3', { backoffLimit: 0 }));
    await kubectl.wait('job/broken', 'condition=failed');
    assert.match(await kubectl('get', 'job', 'broken'), /^broken +Failed +0\/1 /m);
    assert.equal(await kubectl.read('{.status.failed}', 'job', 'broken'), '1');
    assert.match(await kubectl('describe', 'job', 'broken'), /Warning +BackoffLimitExceeded/);
  });

  test('that is indexed tells each pod its number', async () => {
    const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3 };
    await kubectl.apply(job('parts', 'echo "part $JOB_COMPLETION_INDEX of $(hostname)"', indexed));
    await kubectl.wait('job/parts', 'condition=complete');
    const logs = await kubectl('logs', '-l', 'job-name=parts', '--tail=-1');
    assert.deepEqual(
      logs.split('\n').sort(),
      [0, 1, 2].map((index) => `part ${index} of parts-${index}`),
    );
    assert.equal(await kubectl.read('{.status.completedIndexes}', 'job', 'parts'), '0-2');
  });

  test('that is suspended gives its pods back', async () => {
    await kubectl.apply(job('pausing', sleeper.script, { parallelism: 2, completions: 2 }));
    await untilMatch(/^2$/, () => kubectl.read('{.status.ready}', 'job', 'pausing'));
    await kubectl('patch', 'job', 'pausing', '-p', '{"spec":{"suspend":true}}');
    await kubectl.wait('job/pausing', 'condition=suspended');
    await untilMatch(/^$/, () => kubectl('get', 'pods', '-l', 'job-name=pausing', '-o', 'name'));
    assert.equal(await kubectl.read('{.status.failed}', 'job', 'pausing'), '');
  });

  test('that takes too long is ended', async () => {
    await kubectl.apply(job('slow', sleeper.script, { activeDeadlineSeconds: 1 }));
    await kubectl.wait('job/slow', 'condition=failed');
    const reason = "{.status.conditions[?(@.type=='Failed')].reason}";
    assert.equal(await kubectl.read(reason, 'job', 'slow'), 'DeadlineExceeded');
  });

  test('goes when its time to live is over, and takes its pods with it', async () => {
    await kubectl.apply(job('brief', 'true', { ttlSecondsAfterFinished: 0 }));
    await until('the end of the Job', async () =>
      (await kubectl.run(['get', 'job', 'brief'])).code === 0 ? undefined : true,
    );
    assert.equal(await kubectl('get', 'pods', '-l', 'job-name=brief', '-o', 'name'), '');
  });
});

function statefulSet(replicas: number, spec: object = {}): string {
  const labels = { app: 'web' };
  return manifest(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'nginx' },
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: 80 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'web' },
      spec: {
        serviceName: 'nginx',
        replicas,
        selector: { matchLabels: labels },
        template: template('web', { containers: [sleeper] }),
        ...spec,
      },
    },
  );
}

describe('a StatefulSet', () => {
  const round = '{.spec.template.spec.containers[0].env[0].value}';
  const rollOut = async (): Promise<void> => {
    assert.match(
      await kubectl('rollout', 'status', 'sts/web', '--timeout=60s'),
      /(complete 2 pods at revision|roll out complete)/,
    );
  };

  test('starts its pods in order, each with a name that the DNS knows', async () => {
    await kubectl.apply(statefulSet(2));
    await rollOut();
    assert.match(await kubectl('get', 'sts', 'web'), /^NAME +READY +AGE\nweb +2\/2 +\d+s$/);
    const names = await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name');
    assert.equal(names, 'pod/web-0\npod/web-1');
    assert.equal(await cluster.exec('web-1', 'hostname'), 'web-1');
    const ip = await kubectl.read('{.status.podIP}', 'pod', 'web-0');
    const name = 'web-0.nginx.default.svc.cluster.local';
    await untilMatch(
      new RegExp(`Name:\\s+${name}\\s+Address: ${ip.replaceAll('.', '\\.')}$`, 'm'),
      async () => (await kubectl.run(['exec', 'web-1', '--', 'nslookup', name])).stdout,
    );
  });

  test('gives a pod that is deleted its name back', async () => {
    const uid = await kubectl.read('{.metadata.uid}', 'pod', 'web-0');
    await kubectl('delete', 'pod', 'web-0');
    await untilMatch(/^2$/, () => kubectl.read('{.status.readyReplicas}', 'sts', 'web'));
    assert.notEqual(await kubectl.read('{.metadata.uid}', 'pod', 'web-0'), uid);
  });

  test('rolls out, keeps its history and goes back', async () => {
    await kubectl('set', 'env', 'sts/web', 'ROUND=1');
    await rollOut();
    await kubectl('set', 'env', 'sts/web', 'ROUND=2');
    await rollOut();
    assert.equal(await cluster.exec('web-0', 'sh', '-c', 'echo $ROUND'), '2');
    const history = await kubectl('rollout', 'history', 'sts/web');
    assert.match(history, /^REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>\n3 +<none>$/m);
    await kubectl('rollout', 'undo', 'sts/web');
    await rollOut();
    assert.equal(await kubectl.read(round, 'sts', 'web'), '1');
    assert.equal(await cluster.exec('web-1', 'sh', '-c', 'echo $ROUND'), '1');
  });

  test('is scaled from the last on, and restarted', async () => {
    await kubectl('scale', 'sts', 'web', '--replicas=1');
    await untilMatch(/^pod\/web-0$/, () => kubectl('get', 'pods', '-l', 'app=web', '-o', 'name'));
    const uid = await kubectl.read('{.metadata.uid}', 'pod', 'web-0');
    await kubectl('rollout', 'restart', 'sts/web');
    await kubectl('rollout', 'status', 'sts/web', '--timeout=60s');
    assert.notEqual(await kubectl.read('{.metadata.uid}', 'pod', 'web-0'), uid);
    await kubectl('delete', 'sts', 'web');
    await untilMatch(/^$/, () => kubectl('get', 'pods', '-l', 'app=web', '-o', 'name'));
    assert.equal(await kubectl('get', 'controllerrevisions', '-o', 'name'), '');
  });

  test('with claims says that they are not kept', async () => {
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const applied = await kubectl.run(['apply', '-f', '-'], {
      input: statefulSet(1, { volumeClaimTemplates: [claim] }),
    });
    assert.match(applied.stderr, /^Warning: no storage is provisioned here/m);
    await kubectl('rollout', 'status', 'sts/web', '--timeout=60s');
    assert.match(await kubectl('describe', 'sts', 'web'), /Warning +StorageNotProvisioned/);
    await kubectl('delete', 'sts', 'web');
  });
});

describe('a DaemonSet', () => {
  const daemons = ['pods', '-l', 'app=agent'];
  const nodesOf = async (): Promise<string[]> => {
    const names = await kubectl.read('{.items[*].spec.nodeName}', ...daemons);
    return names.split(' ').sort();
  };
  const rolledOut = (): Promise<string> =>
    kubectl('rollout', 'status', 'ds/agent', '--timeout=60s');

  test('runs on every node, cordoned ones included', async () => {
    await kubectl('cordon', 'node2');
    await kubectl.apply(
      manifest({
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'agent' },
        spec: {
          selector: { matchLabels: { app: 'agent' } },
          template: template('agent', { containers: [sleeper] }),
        },
      }),
    );
    assert.match(await rolledOut(), /daemon set "agent" successfully rolled out/);
    assert.deepEqual(await nodesOf(), ['node1', 'node2', 'node3']);
    await kubectl('uncordon', 'node2');
    assert.match(
      await kubectl('get', 'ds', 'agent'),
      /^NAME +DESIRED +CURRENT .*\nagent +3 +3 +3 +3 +3 +<none> +\d+s$/,
    );
  });

  test('leaves a node that is tainted, and comes back', async () => {
    await kubectl('taint', 'node', 'node3', 'gpu=yes:NoExecute');
    await until('two nodes', async () => ((await nodesOf()).length === 2 ? true : undefined));
    await kubectl('taint', 'node', 'node3', 'gpu-');
    await until('three nodes', async () => ((await nodesOf()).length === 3 ? true : undefined));
    await rolledOut();
  });

  test('rolls out and goes back', async () => {
    await kubectl('set', 'env', 'ds/agent', 'ROUND=1');
    await rolledOut();
    const round = `{.items[*].spec.containers[0].env[0].value}`;
    assert.equal(await kubectl.read(round, ...daemons), '1 1 1');
    assert.match(await kubectl('rollout', 'history', 'ds/agent'), /\n1 +<none>\n2 +<none>$/);
    await kubectl('rollout', 'undo', 'ds/agent');
    await rolledOut();
    assert.equal(await kubectl.read(round, ...daemons), '');
    await kubectl('delete', 'ds', 'agent');
    await untilMatch(/^$/, () => kubectl('get', ...daemons, '-o', 'name'));
  });
});

describe('a CronJob', () => {
  test('starts Jobs by the clock, and by hand', async () => {
    const command = ['--', 'sh', '-c', 'echo tick'];
    await kubectl(
      'create',
      'cronjob',
      'tick',
      '--image=busybox',
      '--schedule=@every 1s',
      ...command,
    );
    const name = await until('a Job', async () => {
      const names = await kubectl('get', 'jobs', '-o', 'name');
      return /^job.batch\/(tick-\d+)$/m.exec(names)?.[1];
    });
    await kubectl.wait(`job/${name}`, 'condition=complete');
    assert.equal(await kubectl('logs', `job/${name}`), 'tick');
    await untilMatch(/^\d{4}-.*Z$/, () =>
      kubectl.read('{.status.lastSuccessfulTime}', 'cj', 'tick'),
    );
    await kubectl('patch', 'cronjob', 'tick', '-p', '{"spec":{"suspend":true}}');
    assert.match(
      await kubectl('get', 'cj'),
      /^NAME +SCHEDULE +TIMEZONE +SUSPEND .*\ntick +@every 1s +<none> +True +\d +\d+s +\d+s$/,
    );
    await kubectl('create', 'job', 'once', '--from=cronjob/tick');
    await kubectl.wait('job/once', 'condition=complete');
    assert.match(await kubectl('describe', 'cj', 'tick'), /Normal +SuccessfulCreate .*Created job/);
    await kubectl('delete', 'cj', 'tick');
    await untilMatch(/^(?!.*(tick|once))/s, () => kubectl('get', 'jobs', '-o', 'name'));
  });

  test('with a schedule that is none is refused', async () => {
    assert.match(
      await kubectl.fails('create', 'cronjob', 'bad', '--image=busybox', '--schedule=61 * * * *'),
      /spec\.schedule: Invalid value: "61 \* \* \* \*": end of range \(61\) above maximum \(59\): 61/,
    );
  });
});
