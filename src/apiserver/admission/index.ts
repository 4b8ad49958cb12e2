export { AdmissionChain } from './chain.ts';
export { clientReader } from './client-reader.ts';
export type { AdmissionPlugin } from './contract.ts';
export { admissionPlugins, type AdmissionOptions } from './plugins.ts';
