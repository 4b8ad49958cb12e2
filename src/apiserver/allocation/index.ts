export type { Pick } from './dynamic-range.ts';
export {
  ServiceAllocator,
  type Reservation,
  type ServiceAllocatorOptions,
} from './service-allocator.ts';
