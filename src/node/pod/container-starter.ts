import { messageOf } from '../../fault/index.ts';
import type { Container, Pod } from '../../kube/index.ts';
import type { ResolvedImage } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { containerSpec } from './container-spec.ts';
import { pauseAfter } from './decide.ts';
import { duringPause, waitingReason } from './failure.ts';
import type { ContainerRecord } from './records.ts';
import type { Sandbox } from './sandbox.ts';
import { serviceEnvironment } from './service-env.ts';
import { standInPorts } from './stand-in-ports.ts';

/** What all containers of a pod are started in. */
export interface StartInputs {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly volumes: ReadonlyMap<string, string>;
}

/** Starts one attempt of one container, and writes what came of it into its record. */
export class ContainerStarter {
  private readonly context: NodeContext;

  constructor(context: NodeContext) {
    this.context = context;
  }

  /** Never throws: a failure is the record's waiting reason, an event, and a pause before the next attempt. */
  async start(record: ContainerRecord, inputs: StartInputs): Promise<void> {
    const { pod } = inputs;
    const { container } = record;
    try {
      const image = await this.resolve(pod, container);
      record.image = { reference: image.reference, id: image.id };
      await this.run(record, inputs, image);
    } catch (error) {
      this.fail(record, pod, error);
    }
  }

  private async resolve(pod: Pod, container: Container): Promise<ResolvedImage> {
    const { context } = this;
    const reference = container.image ?? '';
    const image = await context.images.resolve(
      reference,
      container.imagePullPolicy ?? 'IfNotPresent',
    );
    if (image.kind === 'rootfs') {
      context.events.event(pod, {
        type: 'Normal',
        reason: 'Pulled',
        message: `Container image "${reference}" already present on machine`,
        fieldPath: fieldPath(pod, container),
      });
    }
    return image;
  }

  private async run(
    record: ContainerRecord,
    inputs: StartInputs,
    image: ResolvedImage,
  ): Promise<void> {
    const { context } = this;
    const { pod, sandbox, volumes } = inputs;
    const { container } = record;
    const ports =
      image.kind === 'stand-in'
        ? standInPorts({
            pod,
            container,
            exposed: image.exposedPorts,
            services: context.caches.services.list(),
          })
        : [];
    const attempt = record.attempt + 1;
    const spec = await containerSpec(context, {
      pod,
      container,
      attempt,
      image,
      sandbox,
      volumes,
      serviceEnv: serviceEnvironment(context, pod),
      standInPorts: ports,
    });
    const ended = record.current;
    const status = await context.runtime.run(spec);
    record.attempt = attempt;
    if (ended !== undefined) {
      if (record.previous !== undefined) await context.runtime.remove(record.previous.id);
      record.previous = ended;
    }
    record.current = status;
    delete record.waiting;
    record.isCondemned = false;
    const event = { type: 'Normal' as const, fieldPath: fieldPath(pod, container) };
    if (image.kind === 'stand-in')
      context.events.event(pod, { ...event, ...standInEvent(container, ports) });
    context.events.event(pod, {
      ...event,
      reason: 'Created',
      message: `Created container: ${container.name}`,
    });
    context.events.event(pod, {
      ...event,
      reason: 'Started',
      message: `Started container ${container.name}`,
    });
  }

  private fail(record: ContainerRecord, pod: Pod, error: unknown): void {
    const { context } = this;
    const { container } = record;
    const reason = waitingReason(error);
    record.failures += 1;
    record.waiting = record.failures > 1 ? duringPause(reason, container.image ?? '') : reason;
    record.notBefore = context.clock.now() + pauseAfter(record.failures);
    context.events.event(pod, {
      type: 'Warning',
      reason: 'Failed',
      message: `Error: ${reason.reason}: ${messageOf(error)}`,
      fieldPath: fieldPath(pod, container),
    });
  }
}

function standInEvent(
  container: Container,
  ports: readonly { port: number; protocol: string }[],
): { reason: string; message: string } {
  const list = ports.map(({ port, protocol }) => `${port}/${protocol}`).join(', ');
  return {
    reason: 'StandIn',
    message:
      `Image "${container.image ?? ''}" is neither imported nor pullable: a stand-in answers ` +
      (list === '' ? 'once a Service or a port names what to answer on' : `on ${list}`) +
      `; import the real one with: portolan image import ${container.image ?? 'NAME'} PATH`,
  };
}

/** `spec.containers{nginx}`: which container an event speaks of. */
export function fieldPath(pod: Pod, container: Container): string {
  const list = pod.spec.containers.some(({ name }) => name === container.name)
    ? 'containers'
    : 'initContainers';
  return `spec.${list}{${container.name}}`;
}
