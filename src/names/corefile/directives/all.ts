import type { DirectiveReader } from '../reading.ts';
import { autopathDirective } from './autopath.ts';
import { cacheDirective } from './cache.ts';
import { errorsDirective } from './errors.ts';
import { forwardDirective } from './forward.ts';
import { healthDirective } from './health.ts';
import { hostsDirective } from './hosts.ts';
import { kubernetesDirective } from './kubernetes.ts';
import { logDirective } from './log.ts';
import { prometheusDirective } from './prometheus.ts';
import { readyDirective } from './ready.ts';
import { rewriteDirective } from './rewrite.ts';
import { loadbalanceDirective, loopDirective, reloadDirective } from './switches.ts';

/** Every directive that means something here. The order in a Corefile does not matter. */
export const directives: readonly DirectiveReader[] = [
  errorsDirective,
  logDirective,
  healthDirective,
  readyDirective,
  prometheusDirective,
  loadbalanceDirective,
  cacheDirective,
  rewriteDirective,
  autopathDirective,
  hostsDirective,
  kubernetesDirective,
  loopDirective,
  forwardDirective,
  reloadDirective,
];
