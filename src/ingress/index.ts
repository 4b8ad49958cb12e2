export {
  IngressController,
  type IngressControllerOptions,
  type ServedContainer,
} from './controller/ingress-controller.ts';
export type { IngressContainer } from './controller/controller-container.ts';
export type {
  AccessRecord,
  EngineName,
  EngineOptions,
  EnginePlace,
  IngressEngine,
} from './engine.ts';
export { createEngine, type EngineChoice } from './create-engine.ts';
export { findHaproxy } from './haproxy-engine/find-haproxy.ts';
export {
  ensureIngressObjects,
  INGRESS_CERTGEN_IMAGE,
  INGRESS_CLASS,
  INGRESS_CONTROLLER,
  INGRESS_IMAGE,
  INGRESS_NAMESPACE,
  INGRESS_SERVICE,
  isIngressReady,
  removeIngressObjects,
} from './objects/ingress-objects.ts';
