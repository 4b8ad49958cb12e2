export {
  createClusterView,
  type ClusterView,
  type ServicesListener,
  type ViewSources,
} from './cluster-view.ts';
export type { Snapshot } from './snapshot.ts';
export type { Assumptions } from './static/assumptions.ts';
export { definitionOf } from './static/complete-objects.ts';
export { identityOf, overlayObjects } from './static/overlay.ts';
export {
  staticSnapshot,
  type StaticOptions,
  type StaticSnapshot,
} from './static/static-snapshot.ts';
export { belongsTo, templateOf, templatePath } from './static/workloads.ts';
