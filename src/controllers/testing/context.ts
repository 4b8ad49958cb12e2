import { createEventRecorder, type EventRecorder } from '../../client/index.ts';
import { createWorld, type World } from '../../client/testing/world.ts';
import { eventKind } from '../../kube/index.ts';
import type { Controller, ControllerContext, StartController } from '../controller.ts';

/** A world with what controllers are given. */
export interface ControllerWorld extends World {
  readonly context: ControllerContext;
  /** Starts controllers that `close()` stops. */
  start(...starters: readonly StartController[]): void;
  /** `REASON: MESSAGE` of all Events so far, in order of their writing. */
  events(): Promise<string[]>;
}

export function createControllerWorld(): ControllerWorld {
  const world = createWorld();
  const running: Controller[] = [];
  const recorders: EventRecorder[] = [];
  const context: ControllerContext = {
    client: world.client,
    clock: world.clock,
    informers: world.informers,
    events(component) {
      const recorder = createEventRecorder({
        client: world.client,
        clock: world.clock,
        component,
        onError: (error) => world.errors.push(error),
      });
      recorders.push(recorder);
      return recorder;
    },
    log: (text) => world.errors.push(text),
  };
  return {
    ...world,
    context,
    start(...starters) {
      for (const start of starters) running.push(start(context));
    },
    async events() {
      await Promise.all(recorders.map((recorder) => recorder.flush()));
      const { items } = await world.client.list(eventKind);
      return items
        .toSorted((one, two) => version(one) - version(two))
        .map(({ reason, message }) => `${reason}: ${message}`);
    },
    async close() {
      await Promise.all(running.map((controller) => controller.close()));
      await Promise.all(recorders.map((recorder) => recorder.flush()));
      await world.close();
    },
  };
}

function version({ metadata }: { metadata: { resourceVersion?: string } }): number {
  return Number(metadata.resourceVersion);
}
