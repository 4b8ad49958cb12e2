export {
  admissionPlugins,
  clientReader,
  type AdmissionOptions,
  type AdmissionPlugin,
} from './admission/index.ts';
export { ServiceAllocator } from './allocation/index.ts';
export { createCertificate, type KeyPair } from './authentication/certificate.ts';
export { adminName, createPki, type Pki, type PkiOptions } from './authentication/pki.ts';
export { loopbackUser, type User } from './authentication/user.ts';
export type { KubernetesService } from './bootstrap.ts';
export type { ListenAddress } from './http/listener.ts';
export { generateName } from './registry/generate-name.ts';
export { createApiServer, type ApiServer, type ApiServerOptions } from './server.ts';
export { gitVersion, kubernetesVersion } from './version.ts';
