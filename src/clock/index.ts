export { Backoff, type BackoffOptions, type BackoffSources } from './backoff.ts';
export { microTimestamp, systemClock, timestamp, type CancelTimer, type Clock } from './clock.ts';
export { CoalescingRunner, type CoalescingRunnerOptions } from './coalescing-runner.ts';
export { FakeClock } from './fake-clock.ts';
export { WorkQueue, type WorkQueueOptions } from './work-queue.ts';
