export { keepingOf, type Keeping } from './cache-policy.ts';
export { completeReply, isFinal } from './complete.ts';
export type {
  CacheBounds,
  CacheSettings,
  Consolidation,
  ErrorsSettings,
  ForwardPolicy,
  ForwardSettings,
  HealthSettings,
  KubernetesSettings,
  LogClass,
  LogSettings,
  NamesConfig,
  ServerBlock,
} from './config.ts';
export type {
  KnownReply,
  NameQuery,
  NameReason,
  NameReply,
  NameStep,
  NameVerdict,
  NameWorld,
  UpstreamQuestion,
} from './contract.ts';
export { readCorefile, type CorefileResult } from './corefile/read-corefile.ts';
export { corefileErrorText, type CorefileError } from './corefile/token.ts';
export { defaultCorefile } from './default-corefile.ts';
export { createNameJudge, type NameJudge } from './judge.ts';
export { emptyReply } from './reply.ts';
