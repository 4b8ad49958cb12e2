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
