export type {
  Affinity,
  Capture,
  Endpoint,
  ForwardReason,
  Frontend,
  HealthCheck,
  Judgement,
  Masquerading,
  Protocol,
  RefusalReason,
  ServiceObject,
  SkipReason,
  SliceObject,
  Vantage,
  Verdict,
} from './contract.ts';
export { judgeService } from './judge.ts';
export {
  addressIn,
  canServe,
  conditionsOf,
  endpointOfPod,
  familiesOf,
  hostnameOf,
  ipFamilyOf,
  isInEndpoints,
  targetOf,
  zoneLabel,
} from './pod-endpoints.ts';
export { admitsSource } from './source-ranges.ts';
export { resolvePorts, servingContainers, targetNumber } from './target-ports.ts';
