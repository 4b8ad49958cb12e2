import { readTextFile } from '../../files/index.ts';
import { identify, type ProcessIdentity } from '../process-identity.ts';
import type { ContainerSpec } from '../runtime.ts';
import { readState, writeState } from '../state-file.ts';
import type { Bundle } from './layout.ts';

/** How a container ended. */
export interface Ending {
  readonly exitCode: number;
  readonly finishedAt: number;
  readonly reason: string;
  readonly message?: string;
}

/** What is kept of a container on disk: enough to adopt it, to describe it, and to remove it after anything. */
export interface ContainerRecord {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly imageId: string;
  readonly stopSignal: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly cgroup: string;
  readonly terminationMessagePath?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly init?: ProcessIdentity;
  readonly conmon?: ProcessIdentity;
  readonly ending?: Ending;
}

export function newRecord(spec: ContainerSpec, cgroup: string): ContainerRecord {
  const { id, labels, image, tty, stdin, terminationMessagePath } = spec;
  return {
    id,
    labels,
    imageId: image.id,
    stopSignal: image.stopSignal === '' ? 'SIGTERM' : image.stopSignal,
    tty,
    stdin,
    cgroup,
    ...(terminationMessagePath === undefined ? {} : { terminationMessagePath }),
    createdAt: Date.now(),
  };
}

export function writeRecord(bundle: Bundle, record: ContainerRecord): void {
  writeState(bundle.record, record);
}

export function readRecord(bundle: Bundle): ContainerRecord | undefined {
  return readState(bundle.record) as ContainerRecord | undefined;
}

/** The living process whose number conmon wrote to a file. */
export function readPid(path: string): ProcessIdentity | undefined {
  const text = readTextFile(path);
  return text === undefined || text.trim() === '' ? undefined : identify(Number(text));
}
