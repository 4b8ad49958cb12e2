import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../fault/index.ts';
import { moveThread } from '../../../kernel/index.ts';
import type { Command, Report, WorkerStart } from '../protocol.ts';
import { HttpEngine } from './http-engine.ts';

/** The engine's worker: moves into the controller pod's network for good, then listens there. */
const { place, counters } = workerData as WorkerStart;

function report(message: Report): void {
  parentPort?.postMessage(message, []);
}

async function close(engine: HttpEngine, graceMs: number): Promise<void> {
  await engine.close(graceMs);
  report({ kind: 'closed' });
  parentPort?.close();
}

async function run(): Promise<void> {
  if (place.netns !== undefined) moveThread(place.netns);
  const engine = new HttpEngine({ place, counters: new Float64Array(counters), report });
  const ports = await engine.listen();
  parentPort?.on('message', (command: Command) => {
    if (command.kind === 'apply') {
      engine.apply(command.delta);
      report({ kind: 'applied', id: command.id });
      return;
    }
    void close(engine, command.graceMs);
  });
  report({ kind: 'listening', ports });
}

run().catch((error: unknown) => report({ kind: 'failed', message: messageOf(error) }));
