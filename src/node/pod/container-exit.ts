import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Container, Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { parseCriLine } from '../logs/cri-line.ts';
import { logPath } from './container-spec.ts';
import { fieldPath } from './field-path.ts';
import type { ContainerRecord } from './records.ts';

/** The kubelet's limits of a message taken from the log (core/v1 TerminationMessageFallbackToLogsOnError). */
const MAX_BYTES = 2048;
const MAX_LINES = 80;
/** How much of the log's end is read to find them: a CRI entry is longer than its text. */
const READ_BYTES = 32 * 1024;

function readEnd(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, READ_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer;
  } finally {
    closeSync(file);
  }
}

/** The last lines of a log in CRI format, within the kubelet's limits. */
export function lastWords(path: string): string {
  let text = '';
  for (const line of readEnd(path)
    .toString('latin1')
    .split('\n')
    .slice(-MAX_LINES - 1)) {
    const entry = parseCriLine(Buffer.from(line, 'latin1'));
    if (entry !== undefined) text += `${entry.text.toString()}${entry.isPartial ? '' : '\n'}`;
  }
  return Buffer.from(text).subarray(-MAX_BYTES).toString();
}

/** The end of an attempt, with the end of its log for a message where the container asks for that. */
export function withLastWords(
  context: NodeContext,
  { pod, container, attempt }: { pod: Pod; container: Container; attempt: number },
  status: RuntimeStatus,
): RuntimeStatus {
  const wantsLog = container.terminationMessagePolicy === 'FallbackToLogsOnError';
  if (!wantsLog || status.exitCode === 0 || (status.message ?? '') !== '') return status;
  const path = logPath(context.paths.logs, pod, container.name, attempt);
  try {
    const message = lastWords(path);
    return message === '' ? status : { ...status, message };
  } catch (error) {
    context.log(`cannot read the last words of ${container.name}: ${String(error)}`);
    return status;
  }
}

/** Tells that a container waits before its next attempt: its waiting reason and an event. */
export function tellBackOff(context: NodeContext, pod: Pod, record: ContainerRecord): void {
  const { name, namespace = 'default', uid = '' } = pod.metadata;
  const where = `${name}_${namespace}(${uid})`;
  const container = record.container.name;
  const pause = Math.round((record.notBefore - (record.current?.finishedAt ?? 0)) / 1000);
  record.waiting = {
    reason: 'CrashLoopBackOff',
    message: `back-off ${pause}s restarting failed container=${container} pod=${where}`,
  };
  context.events.event(pod, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${container} in pod ${where}`,
    fieldPath: fieldPath(pod, record.container),
  });
}
