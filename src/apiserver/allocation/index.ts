export { ServiceAllocator } from './service-allocator.ts';
