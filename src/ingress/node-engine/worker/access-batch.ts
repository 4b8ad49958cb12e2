import type { AccessRecord } from '../../engine.ts';

const WAIT_MS = 50;
const MOST = 1000;

/** Gathers what there is to tell about requests, so that telling costs one message for many. */
export class AccessBatch {
  private readonly send: (records: readonly AccessRecord[]) => void;
  private records: AccessRecord[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(send: (records: readonly AccessRecord[]) => void) {
    this.send = send;
  }

  add(record: AccessRecord): void {
    this.records.push(record);
    if (this.records.length >= MOST) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.records.length === 0) return;
    this.send(this.records);
    this.records = [];
  }
}
