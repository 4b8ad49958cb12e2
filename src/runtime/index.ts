export { createContainerRuntime, type ContainerRuntimeOptions } from './create-runtime.ts';
export { createImageService, type ImageServiceOptions } from './images/image-service.ts';
export { parseReference, type ImageReference } from './images/reference.ts';
export { purgeContainers, type PurgeOptions } from './oci/purge.ts';
export type {
  ContainerRuntime,
  ContainerSpec,
  ContainerStatus,
  ContainerStreams,
  ImagePolicy,
  ImageService,
  ImportOptions,
  InProcessContainer,
  InProcessProgram,
  InProcessWork,
  LocalImage,
  Mount,
  PullPolicy,
  ResolvedImage,
  ResourceLimits,
  SecuritySettings,
  StandInIdentity,
  StandInPort,
} from './runtime.ts';
export {
  identify,
  isAlive,
  signalProcess,
  waitUntilGone,
  type ProcessIdentity,
} from './process-identity.ts';
