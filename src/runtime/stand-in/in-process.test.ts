import { deepEqual, equal, match } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ContainerRuntime, ContainerSpec, InProcessProgram } from '../runtime.ts';
import { makeTestPod, type TestPod } from '../testing/pod.ts';

const reference = 'registry.example/dns:v1';

describe('work of this process in the place of an image', () => {
  let pod: TestPod;
  let runtime: ContainerRuntime;
  const events: string[] = [];
  let fails = false;
  let isShort = false;

  const program: InProcessProgram = async ({ netns, log }) => {
    if (fails) throw new Error('port 53 is taken');
    events.push(netns === pod.namespaces.net ? 'started in the pod' : 'started elsewhere');
    log('hello');
    return {
      ...(isShort ? { exited: Promise.resolve(0) } : {}),
      drain: async (graceMs) => {
        log(`goodbye within ${graceMs}`);
        events.push('drained');
      },
      close: async () => {
        events.push('closed');
      },
    };
  };
  const programs = new Map([[reference, program]]);

  before(async () => {
    pod = makeTestPod();
    runtime = await pod.openRuntime({ programs });
  });
  after(async () => {
    await runtime.close();
    await pod.remove();
  });

  const spec = (id: string): ContainerSpec => {
    const { rootfs: _none, ...image } = pod.busybox;
    const own = { ...image, kind: 'stand-in' as const, reference, id: `in-process://${reference}` };
    return pod.spec(id, [], { image: own });
  };

  it('starts in the namespace of the pod and writes its log', async () => {
    equal((await runtime.run(spec('dns'))).state, 'running');
    deepEqual(events.splice(0), ['started in the pod']);
    match(pod.log('dns'), /^\S+ stdout F hello\n$/);
  });

  it('is taken over by a new daemon', async () => {
    await runtime.close();
    runtime = await pod.openRuntime({ programs });
    deepEqual(events.splice(0), ['closed', 'started in the pod']);
    equal((await runtime.list())[0]?.state, 'running');
  });

  it('is told before it ends, and ends', async () => {
    const { state, exitCode } = await runtime.stop('dns', 30);
    deepEqual([state, exitCode], ['exited', 0]);
    deepEqual(events.splice(0), ['drained', 'closed']);
    match(pod.log('dns'), /goodbye within 30000\n$/);
    await runtime.remove('dns');
  });

  it('is told to be running before it ends, however soon it does', async () => {
    const ended = new Promise<string>((resolve) => {
      runtime.onExit(({ id }) => resolve(id));
    });
    isShort = true;
    const { state } = await runtime.run(spec('short'));
    isShort = false;
    equal(state, 'running');
    equal(await ended, 'short');
    const [status] = await runtime.list();
    deepEqual([status?.state, status?.exitCode], ['exited', 0]);
    await runtime.remove('short');
    events.splice(0);
  });

  it('cannot run when it says so', async () => {
    fails = true;
    let message = '';
    await runtime.run(spec('broken')).catch((error: unknown) => {
      message = String(error);
    });
    match(message, /port 53 is taken/);
    equal((await runtime.list()).length, 0);
  });
});
