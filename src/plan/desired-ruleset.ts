import type { Ruleset } from '../nft/index.ts';
import type { Capture } from '../services/index.ts';
import { ServicePlan } from './service-plan.ts';
import type { PlanSettings } from './settings.ts';

/** The whole ruleset of a node for these Services, as plain data that compares. @throws Fault `INVALID_CIDR`. */
export function desiredRuleset(
  services: Iterable<readonly [string, readonly Capture[]]>,
  settings: PlanSettings,
): Ruleset {
  const plan = new ServicePlan(settings);
  for (const [service, captures] of services) plan.stage(service, captures);
  return plan.full();
}
