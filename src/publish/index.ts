export { formatAddress, type Binding, type ListenPoint } from './binding.ts';
export { dialTcp } from './dial.ts';
export { Budget, type Caller, type Door, type DoorContext, type Route } from './door.ts';
export { NodePortBindings, type PublishedNode } from './node-port-bindings.ts';
export { createPublisher, type Publisher, type PublisherOptions } from './publisher.ts';
export { openTcpDoor } from './tcp-door.ts';
export { openUdpDoor } from './udp-door.ts';
