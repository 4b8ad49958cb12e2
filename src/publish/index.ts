export { formatAddress, type Binding, type ListenPoint } from './binding.ts';
export { nodePortBindings, type PublishedNode } from './node-port-bindings.ts';
export { createPublisher, type Publisher, type PublisherOptions } from './publisher.ts';
