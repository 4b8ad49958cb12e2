import { rm } from 'node:fs/promises';
import { Fault, messageOf } from '../../fault/index.ts';
import type { Container, Pod } from '../../kube/index.ts';
import type { ContainerSpec, ContainerStatus, ResolvedImage } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { abortable } from './abortable.ts';
import { containerSpec, logPath, terminationFile } from './container-spec.ts';
import { fieldPath } from './field-path.ts';
import { duringPause, pauseAfterFailedStart, waitingReason } from './failure.ts';
import { ImagePuller } from './image-puller.ts';
import type { ContainerRecord } from './records.ts';
import type { Sandbox } from './sandbox.ts';
import { serviceEnvironment } from './service-env.ts';
import { isStandIn, standInPorts } from './stand-in-ports.ts';

/** What all containers of a pod are started in. */
export interface StartInputs {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly volumes: ReadonlyMap<string, string>;
  /** Aborted when the pod ends: nothing is started any more. */
  readonly signal: AbortSignal;
  /** Hears of the new attempt as soon as it is the record's: it may have ended already. */
  readonly begun: (record: ContainerRecord, status: ContainerStatus) => void;
}

/** As container engines report what could not be executed at all. */
const START_ERROR = { exitCode: 128, reason: 'StartError' };

/** Starts one attempt of one container, and writes what came of it into its record. */
export class ContainerStarter {
  private readonly context: NodeContext;
  private readonly puller: ImagePuller;

  constructor(context: NodeContext) {
    this.context = context;
    this.puller = new ImagePuller(context);
  }

  /**
   * Never throws: a failure is the record's waiting reason, an event, and a pause before the next attempt.
   * @returns whether a new attempt came about.
   */
  async start(record: ContainerRecord, inputs: StartInputs): Promise<boolean> {
    const { pod, signal } = inputs;
    try {
      const image = await abortable(this.puller.pull(pod, record.container), signal);
      record.image = { reference: image.reference, id: image.id };
      const spec = await this.specify(record, inputs, image);
      if (signal.aborted) return false;
      await this.run(record, spec, inputs);
      this.tellStart(pod, record.container, spec);
      return true;
    } catch (error) {
      if (!signal.aborted) this.fail(record, pod, error);
      return false;
    }
  }

  private specify(
    record: ContainerRecord,
    { pod, sandbox, volumes }: StartInputs,
    image: ResolvedImage,
  ): Promise<ContainerSpec> {
    const { context } = this;
    const { container, attempt } = record;
    const services = context.caches.services.list();
    const { exposedPorts: exposed } = image;
    // What is done in process opens its ports itself.
    const ports = isStandIn(image.id) ? standInPorts({ pod, container, exposed, services }) : [];
    return containerSpec(context, {
      pod,
      container,
      attempt: attempt + 1,
      image,
      sandbox,
      volumes,
      serviceEnv: serviceEnvironment(context, pod),
      standInPorts: ports,
    });
  }

  private async run(
    record: ContainerRecord,
    spec: ContainerSpec,
    inputs: StartInputs,
  ): Promise<void> {
    try {
      await this.advance(record, await this.context.runtime.run(spec), inputs);
    } catch (error) {
      if (hasRefusedToRun(error)) {
        const message = messageOf(error);
        const now = this.context.clock.now();
        const { id, labels, image } = spec;
        const attempt = { id, labels, imageId: image.id, startedAt: now, finishedAt: now };
        const ended = { ...attempt, state: 'exited' as const, ...START_ERROR, message };
        await this.advance(record, ended, inputs);
      }
      throw error;
    }
  }

  /** Makes an attempt the record's newest, and forgets the one before the last with its log. */
  private async advance(
    record: ContainerRecord,
    status: ContainerStatus,
    { pod, begun }: StartInputs,
  ): Promise<void> {
    const { context } = this;
    const forgotten = record.previous;
    // Before anything is awaited: the attempt may end at any moment, and its end must find it here.
    record.attempt += 1;
    if (record.current !== undefined) record.previous = record.current;
    record.current = status;
    record.failedStarts = 0;
    delete record.waiting;
    delete record.condemned;
    begun(record, status);
    if (forgotten === undefined) return;
    await context.runtime.remove(forgotten.id);
    const old = record.attempt - 2;
    const { name } = record.container;
    await rm(logPath(context.paths.logs, pod, name, old), { force: true });
    await rm(terminationFile(context.paths.pods, pod, { container: name, attempt: old }), {
      force: true,
    });
  }

  private tellStart(pod: Pod, container: Container, spec: ContainerSpec): void {
    const { events } = this.context;
    const common = { type: 'Normal' as const, fieldPath: fieldPath(pod, container) };
    const { name } = container;
    if (spec.standIn !== undefined && isStandIn(spec.image.id)) {
      const message = standInMessage(container, spec.standIn.ports);
      events.event(pod, { ...common, reason: 'StandIn', message });
    }
    events.event(pod, { ...common, reason: 'Created', message: `Created container: ${name}` });
    events.event(pod, { ...common, reason: 'Started', message: `Started container ${name}` });
  }

  private fail(record: ContainerRecord, pod: Pod, error: unknown): void {
    const { context } = this;
    const { container } = record;
    const common = { type: 'Warning' as const, fieldPath: fieldPath(pod, container) };
    if (hasRefusedToRun(error)) {
      const message = `Error: ${messageOf(error)}`;
      context.events.event(pod, { ...common, reason: 'Failed', message });
      return;
    }
    const failure = waitingReason(error);
    const image = container.image ?? '';
    record.failedStarts += 1;
    record.waiting = record.failedStarts > 1 ? duringPause(failure, image) : failure;
    record.notBefore = context.clock.now() + pauseAfterFailedStart(failure, record.failedStarts);
    const isPull = failure.reason === 'ErrImagePull';
    const what = isPull ? failure.reason : failure.message;
    context.events.event(pod, { ...common, reason: 'Failed', message: `Error: ${what}` });
    if (!isPull) return;
    const message = `Back-off pulling image "${image}"`;
    context.events.event(pod, { ...common, type: 'Normal', reason: 'BackOff', message });
  }
}

/** True when the runtime made the container but its command could not be executed. */
function hasRefusedToRun(error: unknown): boolean {
  return error instanceof Fault && error.code === 'CONTAINER_CANNOT_RUN';
}

function standInMessage(
  { image = 'NAME' }: Container,
  ports: readonly { port: number; protocol: string }[],
): string {
  const list = ports.map(({ port, protocol }) => `${port}/${protocol}`).join(', ');
  return (
    `Image "${image}" is neither imported nor pullable: a stand-in answers ` +
    (list === '' ? 'once a Service or a port names what to answer on' : `on ${list}`) +
    `; import the real one with: portolan image import ${image} PATH`
  );
}
