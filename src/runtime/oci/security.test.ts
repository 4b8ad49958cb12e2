import { equal, match } from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ContainerRuntime } from '../runtime.ts';
import { makeTestPod, type TestPod } from '../testing/pod.ts';
import { exitOf } from '../testing/streams.ts';
import { availableCapabilities } from './capabilities.ts';
import { detectCgroups } from './cgroups.ts';
import { openFilesLimit } from './config.ts';
import { layoutOf } from './layout.ts';
import { OciRuntime } from './oci-runtime.ts';

describe('security and limits of containers', () => {
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

  const inside = async (id: string, changes: object, script: string): Promise<string> => {
    const spec = pod.spec(id, ['sh', '-c', script]);
    const security = { ...spec.security, ...changes };
    await runtime.run({ ...spec, security });
    await exitOf(runtime, id);
    await runtime.remove(id);
    return pod.log(id).replaceAll(/^\S+ std(?:out|err) F /gm, '');
  };

  it('gives the default capabilities of the engines', async () => {
    const text = await inside('caps', {}, 'grep CapEff /proc/self/status');
    equal(text, 'CapEff:\t00000000a80425fb\n');
  });

  it('adds and drops capabilities', async () => {
    const changes = { dropCapabilities: ['ALL'], addCapabilities: ['NET_BIND_SERVICE'] };
    const text = await inside('few', changes, 'grep CapBnd /proc/self/status');
    equal(text, 'CapBnd:\t0000000000000400\n');
  });

  it('runs as the user, group and groups that are asked for', async () => {
    const changes = { runAsUser: 1000, runAsGroup: 2000, supplementalGroups: [3000] };
    const text = await inside('user', changes, 'id; grep CapEff /proc/self/status');
    equal(text, 'uid=1000 gid=2000 groups=3000\nCapEff:\t0000000000000000\n');
  });

  it('sets no_new_privs unless escalation is allowed', async () => {
    const text = await inside(
      'nnp',
      { allowPrivilegeEscalation: false },
      'grep NoNewPrivs /proc/self/status',
    );
    equal(text, 'NoNewPrivs:\t1\n');
  });

  it('mounts the root read-only', async () => {
    const text = await inside('ro', { readOnlyRootFilesystem: true }, 'touch /file');
    match(text, /Read-only file system/);
  });

  it('filters system calls and masks paths', async () => {
    const script =
      'grep Seccomp: /proc/self/status; unshare -m true; wc -c < /proc/interrupts; echo x > /proc/sys/kernel/domainname';
    const text = await inside('filtered', {}, script);
    match(text, /^Seccomp:\t2$/m);
    match(text, /unshare.*Operation not permitted/);
    match(text, /^0$/m);
    match(text, /Read-only file system/);
  });

  it('leaves a privileged container alone', async () => {
    const script = 'grep Seccomp: /proc/self/status; unshare -m true && echo unshared';
    const text = await inside('mighty', { privileged: true }, script);
    equal(text, 'Seccomp:\t0\nunshared\n');
  });

  it('says when the kernel killed for want of memory', async (t) => {
    if (!detectCgroups(pod.cgroupRoot).hasMemory) {
      t.skip('this machine has no memory cgroup');
      return;
    }
    const args = ['sh', '-c', 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'];
    const resources = { memoryBytes: 16 * 1024 * 1024 };
    await runtime.run(pod.spec('greedy', args, { resources }));
    const status = await exitOf(runtime, 'greedy');
    equal(status.reason, 'OOMKilled');
    equal(status.exitCode, 137);
    await runtime.remove('greedy');
  });

  it('runs without any cgroup, limits ignored', async () => {
    const other = makeTestPod();
    // As on a machine whose only hierarchy cannot be written to.
    const mountinfo = '30 20 0:30 / /proc rw - cgroup2 cgroup2 rw';
    const cgroups = detectCgroups(other.cgroupRoot, mountinfo);
    equal(cgroups.version, 'none');
    match(cgroups.limitation ?? '', /limits are ignored: \/proc is read-only/);
    const oci = new OciRuntime(
      {
        layout: layoutOf(join(other.directory, 'runtime')),
        kernel: other.kernel,
        cgroupRoot: other.cgroupRoot,
        machine: { cgroups, capabilities: availableCapabilities(), openFiles: openFilesLimit() },
        parallelStarts: 1,
        logSizeBytes: 1e6,
      },
      () => {},
    );
    const spec = other.spec('bare', ['sleep', '3600'], {
      resources: { memoryBytes: 1e8, cpuQuota: 10_000 },
    });
    equal((await oci.run(spec)).state, 'running');
    equal((await oci.execSync('bare', ['echo', 'inside'], 5000)).output, 'inside\n');
    equal((await oci.stop('bare', 0)).exitCode, 137);
    await oci.remove('bare');
    oci.close();
    await other.remove();
  });
});
