export type { Pick } from './dynamic-range.ts';
export { ipAddressesOf, managedByAllocator, managedByLabel } from './ip-addresses.ts';
export {
  ServiceAllocator,
  type Reservation,
  type ServiceAllocatorOptions,
} from './service-allocator.ts';
