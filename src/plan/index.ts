export { desiredRuleset } from './desired-ruleset.ts';
export { diff } from './diff.ts';
export { NodeProgrammer, type NftablesPort } from './node-programmer.ts';
export { TableProgrammer, type Rebuild } from './table-programmer.ts';
export { ServicePlan } from './service-plan.ts';
export { MASQUERADE_MARK, TABLE, type Balancing, type PlanSettings } from './settings.ts';
export { PolicyPlan } from './policy/policy-plan.ts';
export { PolicyProgrammer, type DropTotals } from './policy/policy-programmer.ts';
export {
  DROP_LOG_BYTES,
  DROP_LOG_GROUP,
  POLICY_TABLE,
  type PolicySettings,
} from './policy/settings.ts';
