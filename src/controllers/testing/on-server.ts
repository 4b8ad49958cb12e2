import assert from 'node:assert/strict';
import type { TestServer } from '../../apiserver/testing/api-server.ts';
import {
  createEventRecorder,
  createInformerSet,
  type EventRecorder,
  type InformerSet,
} from '../../client/index.ts';
import { systemClock } from '../../clock/index.ts';
import { serviceAccountKind } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';

/** Controllers that run in real time against a test's API server. */
export interface ControllersOnServer {
  readonly informers: InformerSet;
  /** Ends them, the Events they still write included. @throws AssertionError when one of them told an error */
  close(): Promise<void>;
}

/** Runs what `start` starts; the server outlives it. */
export function runOnServer(
  { client }: TestServer,
  start: (context: ControllerContext) => readonly Controller[],
): ControllersOnServer {
  const errors: unknown[] = [];
  const recorders: EventRecorder[] = [];
  const onError = (error: unknown) => errors.push(error);
  const informers = createInformerSet(client, { clock: systemClock, onError });
  const controllers = start({
    client,
    clock: systemClock,
    informers,
    events(component) {
      const recorder = createEventRecorder({ client, clock: systemClock, component, onError });
      recorders.push(recorder);
      return recorder;
    },
    log: (text) => errors.push(text),
  });
  return {
    informers,
    async close() {
      await Promise.all(controllers.map((controller) => controller.close()));
      await Promise.all(recorders.map((recorder) => recorder.flush()));
      informers.close();
      assert.deepEqual(errors, []);
    },
  };
}

/** The ServiceAccount that admission wants in the namespace `default` before any pod. */
export async function createDefaultAccount({ client }: TestServer): Promise<void> {
  await client.create(serviceAccountKind, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  });
}
