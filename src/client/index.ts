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
