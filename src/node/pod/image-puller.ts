import { messageOf } from '../../fault/index.ts';
import type { Container, Pod } from '../../kube/index.ts';
import type { ResolvedImage } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { fieldPath } from './field-path.ts';

/** `1.234s`, as Go prints a duration of whole milliseconds. */
function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

/** Finds what a container's image means, and tells the events of a pull in the kubelet's words. */
export class ImagePuller {
  private readonly context: NodeContext;

  constructor(context: NodeContext) {
    this.context = context;
  }

  /** @throws Fault of `ImageService.resolve`; a failed pull has had its event then. */
  async pull(pod: Pod, container: Container): Promise<ResolvedImage> {
    const { clock, events, images } = this.context;
    const reference = container.image ?? '';
    const common = { type: 'Normal' as const, fieldPath: fieldPath(pod, container) };
    let pullingSince: number | undefined;
    const onPull = (): void => {
      pullingSince = clock.now();
      const message = `Pulling image "${reference}"`;
      events.event(pod, { ...common, reason: 'Pulling', message });
    };
    try {
      const policy = container.imagePullPolicy ?? 'IfNotPresent';
      const image = await images.resolve(reference, policy, onPull);
      if (image.kind === 'rootfs') {
        const message = this.pulledMessage(reference, pullingSince);
        events.event(pod, { ...common, reason: 'Pulled', message });
      }
      return image;
    } catch (error) {
      const message = `Failed to pull image "${reference}": ${messageOf(error)}`;
      events.event(pod, { ...common, type: 'Warning', reason: 'Failed', message });
      throw error;
    }
  }

  private pulledMessage(reference: string, pullingSince: number | undefined): string {
    if (pullingSince === undefined) {
      return `Container image "${reference}" already present on machine`;
    }
    const took = durationText(this.context.clock.now() - pullingSince);
    return `Successfully pulled image "${reference}" in ${took} (${took} including waiting)`;
  }
}
