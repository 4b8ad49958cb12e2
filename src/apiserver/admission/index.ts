export { AdmissionChain, type ChainOutcome } from './chain.ts';
export { clientReader } from './client-reader.ts';
export type {
  AdmissionOutcome,
  AdmissionPlugin,
  AdmissionReader,
  AdmissionRequest,
} from './contract.ts';
export { admissionPlugins, type AdmissionOptions } from './plugins.ts';
