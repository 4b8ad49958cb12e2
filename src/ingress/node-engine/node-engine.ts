import { Worker } from 'node:worker_threads';
import { Fault } from '../../fault/index.ts';
import type { RouteTable } from '../../routes/index.ts';
import type { AccessRecord, EngineOptions, IngressEngine } from '../engine.ts';
import {
  COUNTERS,
  COUNTERS_BYTES,
  type Command,
  type NodeEnginePlace,
  type Report,
  type WorkerStart,
} from './protocol.ts';
import { deltaBetween } from './table-delta.ts';

/** How long requests under way may take to end when nobody says. */
const GRACE_MS = 5000;

export interface NodeEngineOptions extends EngineOptions {
  readonly place: NodeEnginePlace;
}

/**
 * The embedded engine: Node's own HTTP servers and undici, on a worker thread that lives in the controller pod's
 * network namespace, so that traffic never waits for anything else this process does.
 */
export class NodeEngine implements IngressEngine {
  private readonly worker: Worker;
  private readonly counts: Float64Array;
  private readonly waiting = new Map<number, PromiseWithResolvers<void>>();
  private readonly closed = Promise.withResolvers<void>();
  private table: RouteTable | undefined;
  private nextId = 1;
  private listeningPorts = { http: 0, https: 0 };

  /** Resolves when both ports are listened on. @throws Fault `INGRESS_CANNOT_LISTEN` */
  static async start(options: NodeEngineOptions): Promise<NodeEngine> {
    const counters = new SharedArrayBuffer(COUNTERS_BYTES);
    const workerData: WorkerStart = { place: options.place, counters };
    const worker = new Worker(new URL('./worker/main.ts', import.meta.url), { workerData });
    const engine = new NodeEngine(worker, counters);
    await engine.listen(options);
    return engine;
  }

  private constructor(worker: Worker, counters: SharedArrayBuffer) {
    this.worker = worker;
    this.counts = new Float64Array(counters);
  }

  private listen({ onAccess, log }: EngineOptions): Promise<void> {
    const listening = Promise.withResolvers<void>();
    const fail = (message: string): void => {
      const fault = new Fault({ code: 'INGRESS_CANNOT_LISTEN', message });
      listening.reject(fault);
      for (const { reject } of this.waiting.values()) reject(fault);
      this.waiting.clear();
    };
    this.worker.on('message', (report: Report) => {
      if (report.kind === 'access') onAccess(JSON.parse(report.records) as AccessRecord[]);
      else if (report.kind === 'log') log(report.text);
      else if (report.kind === 'listening') {
        this.listeningPorts = report.ports;
        listening.resolve();
      } else if (report.kind === 'failed') fail(report.message);
      else if (report.kind === 'closed') this.closed.resolve();
      else this.settle(report.id);
    });
    this.worker.on('error', (error) => {
      log(`the ingress engine ended: ${error.message}`);
      fail(error.message);
    });
    this.worker.on('exit', () => this.closed.resolve());
    return listening.promise;
  }

  /** What is listened on: the ports that were free where 0 was asked for. */
  get ports(): { readonly http: number; readonly https: number } {
    return this.listeningPorts;
  }

  private settle(id: number): void {
    this.waiting.get(id)?.resolve();
    this.waiting.delete(id);
  }

  private send(command: Command): void {
    this.worker.postMessage(command, []);
  }

  async apply(table: RouteTable): Promise<void> {
    const id = this.nextId;
    this.nextId += 1;
    const applied = Promise.withResolvers<void>();
    this.waiting.set(id, applied);
    this.send({ kind: 'apply', id, delta: deltaBetween(this.table, table) });
    this.table = table;
    await applied.promise;
  }

  counters(): ReturnType<IngressEngine['counters']> {
    const read = (at: number): number => this.counts[at] ?? 0;
    return {
      active: read(COUNTERS.active),
      accepted: read(COUNTERS.accepted),
      requests: read(COUNTERS.requests),
    };
  }

  async close(graceMs: number = GRACE_MS): Promise<void> {
    this.send({ kind: 'close', graceMs });
    await this.closed.promise;
    await this.worker.terminate();
  }
}
