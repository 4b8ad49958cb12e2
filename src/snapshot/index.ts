export {
  createClusterView,
  type ClusterView,
  type ServicesListener,
  type ViewSources,
} from './cluster-view.ts';
export type { Snapshot } from './snapshot.ts';
