export { families } from './annotations/families.ts';
export { PREFIX as annotationPrefix } from './annotations/reader.ts';
export { refused as refusedAnnotations } from './annotations/unhonoured.ts';
export { isInBlocks } from './address-lists.ts';
export { cookieOf, type Draw } from './canary.ts';
export { classNameOf } from './classes.ts';
export { findingCodes, requestReasons } from './codes.ts';
export { RouteCompiler, type RouteCompilation } from './compile-routes.ts';
export type {
  Backend,
  BackendFault,
  BackendId,
  Canary,
  Certificate,
  Finding,
  PathMatch,
  RequestFacts,
  RequestReason,
  RequestVerdict,
  Route,
  RouteRef,
  RouteTable,
  Scheme,
  Site,
  Upstream,
} from './contract.ts';
export {
  claimsOf,
  ingressFindings,
  ingressReferences,
  nginxController,
} from './ingress-findings.ts';
export { hostName, sitesFor } from './hosts.ts';
export { judgeRequest, matchingRoutes } from './judge-request.ts';
export { normalisePath, splitTarget } from './paths.ts';
export type {
  BackendProtocol,
  ClientCertificate,
  CookieAffinity,
  Cors,
  Credentials,
  ExternalAuth,
  HashKey,
  Limits,
  Retry,
  RoutePolicy,
  SitePolicy,
  Timeouts,
} from './policy.ts';
export { fillVariables } from './rewrite.ts';
export { summariseFindings } from './summarise-findings.ts';
export type { ControllerSettings, RouteWorld } from './world.ts';
