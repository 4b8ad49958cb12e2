export { Fault, messageOf, type FaultOptions } from './fault.ts';
