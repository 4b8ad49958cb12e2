export { createKernel } from './create-kernel.ts';
export { cryptPassword } from './crypt.ts';
export { DatagramBatch, type DatagramHandler, type Outgoing } from './datagram-batch.ts';
export { KernelError } from './kernel-error.ts';
export type {
  BoundAddress,
  Kernel,
  NamespacePath,
  SandboxNamespaces,
  SocketAddress,
} from './kernel.ts';
export {
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
} from './mounts.ts';
export {
  KernelEvents,
  type EventListener,
  type EventSubscription,
  type RulesSubscription,
} from './events/kernel-events.ts';
export { checkRequirements, type Requirement } from './requirements.ts';
export { moveThread } from './thread-namespaces.ts';
