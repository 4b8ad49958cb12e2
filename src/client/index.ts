export type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectRef,
  PatchType,
  Watch,
  WatchEvent,
  WatchEventType,
  WatchListener,
  WriteOptions,
} from './client.ts';
export {
  createEventRecorder,
  type EventRecorder,
  type EventRecorderOptions,
  type Happening,
} from './events/event-recorder.ts';
export { referenceTo } from './events/event-series.ts';
export type { Change, Informer } from './informer.ts';
export { createInformer, type InformerOptions } from './informers/create-informer.ts';
export { createInformerSet, type InformerSet } from './informers/informer-set.ts';
export type { HttpClientOptions } from './http/connection.ts';
export { createHttpClient, type ClosableClient } from './http/http-client.ts';
export {
  kubeconfigText,
  removeContext,
  writeContext,
  type KubeconfigAccess,
  type KubeconfigChangeOptions,
} from './kubeconfig/context.ts';
export { loadContext, type LoadedContext } from './kubeconfig/load.ts';
export { defaultFile, kubeconfigFiles, type KubeconfigPlace } from './kubeconfig/locations.ts';
