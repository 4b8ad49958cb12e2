import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { cronJobKind } from './cron-job.ts';
import { jobKind } from './job.ts';

/** The kinds of batch, in discovery order. */
export const batchKinds: readonly KindDefinition[] = [anyKind(cronJobKind), anyKind(jobKind)];
