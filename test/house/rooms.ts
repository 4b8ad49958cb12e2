/** The rooms of src/, bottom to top: a room may import only rooms that stand before it. */
export const rooms = [
  // ground: knows nothing of Kubernetes
  'fault',
  'ip',
  'clock',
  'files',
  'metrics',
  // languages: pure codecs
  'kube',
  'manifests',
  'netlink',
  'nft',
  'dnswire',
  'cni',
  // memory
  'store',
  'client',
  // what Services mean: snapshots of written-down objects are made whole with it
  'services',
  'snapshot',
  // judgement: pure, every verdict has its reason
  'policy',
  'names',
  'routes',
  'plan',
  'explain',
  // hands: they change things
  'controllers',
  'kernel',
  'runtime',
  'node',
  'cni-plugin',
  // doors: they listen
  'apiserver',
  'dns',
  'ingress',
  'publish',
  'cloud',
  // house
  'cluster',
  'cli',
] as const;
