import type {
  ConfigMap,
  EndpointSlice,
  Ingress,
  IngressClass,
  Secret,
  Service,
} from '../kube/index.ts';
import type { Certificate } from './contract.ts';

/** What the judgement reads of a cluster. Objects that did not change keep their identity between two worlds. */
export interface RouteWorld {
  /** By `namespace/name`. */
  readonly ingresses: ReadonlyMap<string, Ingress>;
  /** By name. */
  readonly classes: ReadonlyMap<string, IngressClass>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** By `namespace/name` of their Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** By `namespace/name`. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
}

/** Who this controller is. */
export interface ControllerSettings {
  /** What `spec.controller` of its IngressClasses says, e.g. `k8s.io/ingress-nginx`. */
  readonly controller: string;
  /** The value of the annotation `kubernetes.io/ingress.class` that is for this controller. */
  readonly legacyClass: string;
  /** Whether Ingresses that name no class are its own. */
  readonly takesClassless: boolean;
  /** `namespace/name` of the Service behind requests that nothing matches; its first port is asked. */
  readonly defaultService?: string;
  /** Answers TLS for names without a certificate. */
  readonly fallbackCertificate: Certificate;
}
