import {
  jobKind,
  podKind,
  type Job,
  type JobSpec,
  type JobStatus,
  type Pod,
} from '../../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../../testing/context.ts';
import { COMPLETION_INDEX } from '../job-pod.ts';
import { startJobController } from '../job.ts';

const ref = { name: 'sums', namespace: 'shop' };

/** A world with a Job controller, and one Job, `shop/sums`, whose pods end as the test says. */
export class JobWorld {
  readonly world: ControllerWorld = createControllerWorld();

  constructor() {
    this.world.start(startJobController);
  }

  create(spec: Partial<JobSpec> = {}): Promise<Job> {
    const identity = { 'batch.kubernetes.io/job-name': 'sums' };
    return this.world.client.create(jobKind, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: ref,
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        selector: { matchLabels: identity },
        template: {
          metadata: { labels: identity },
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
        },
        ...spec,
      },
    });
  }

  async job(): Promise<Job> {
    return this.world.client.get(jobKind, ref);
  }

  async status(): Promise<JobStatus> {
    return (await this.job()).status ?? {};
  }

  async change(spec: Partial<JobSpec>): Promise<void> {
    await this.world.client.patch(jobKind, ref, { type: 'merge', body: { spec } });
  }

  async delete(): Promise<void> {
    await this.world.client.delete(jobKind, ref);
  }

  async pods(): Promise<Pod[]> {
    return (await this.world.client.list(podKind)).items;
  }

  /** Pods that have not ended. */
  async working(): Promise<Pod[]> {
    return (await this.pods()).filter(
      ({ status, metadata }) =>
        !['Succeeded', 'Failed'].includes(status?.phase ?? '') &&
        metadata.deletionTimestamp === undefined,
    );
  }

  /** The completion indexes of the pods at work. */
  async indexes(): Promise<number[]> {
    const pods = await this.working();
    return pods
      .map(({ metadata }) => Number(metadata.annotations?.[COMPLETION_INDEX]))
      .sort((one, two) => one - two);
  }

  async untilWorking(count: number): Promise<Pod[]> {
    await this.world.until(
      `${count} pods at work`,
      async () => (await this.working()).length === count,
    );
    return this.working();
  }

  async end(pod: Pod | undefined, phase: 'Succeeded' | 'Failed'): Promise<void> {
    const finishedAt = new Date(this.world.clock.now()).toISOString();
    const state = { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt } };
    const main = { name: 'main', ready: false, restartCount: 0, image: '', imageID: '', state };
    await this.world.client.patch(
      podKind,
      { name: pod?.metadata.name ?? '', namespace: 'shop', subresource: 'status' },
      { type: 'merge', body: { status: { phase, containerStatuses: [main] } } },
    );
  }

  /** Ends all pods at work. */
  async endAll(phase: 'Succeeded' | 'Failed'): Promise<void> {
    for (const pod of await this.working()) await this.end(pod, phase);
  }

  async untilCondition(type: string, status = 'True'): Promise<JobStatus> {
    await this.world.until(`${type} is ${status}`, async () => {
      const { conditions = [] } = await this.status();
      return conditions.some((condition) => condition.type === type && condition.status === status);
    });
    return this.status();
  }
}
