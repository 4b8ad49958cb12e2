import { isPath, resourceText, type Attributes, type ResourceAttributes } from './attributes.ts';

/** `rbac/v1 PolicyRule`. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

function includes(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(wanted));
}

/** A rule names `pods/log`, `*`, or any resource's `log` with a star before the slash. */
function coversResource({ resources = [] }: PolicyRule, attributes: ResourceAttributes): boolean {
  if (includes(resources, resourceText(attributes))) return true;
  return attributes.subresource !== '' && resources.includes(`*/${attributes.subresource}`);
}

function coversName({ resourceNames = [] }: PolicyRule, { name }: ResourceAttributes): boolean {
  return resourceNames.length === 0 || resourceNames.includes(name);
}

function coversPath({ nonResourceURLs = [] }: PolicyRule, path: string): boolean {
  return nonResourceURLs.some(
    (pattern) =>
      pattern === '*' ||
      pattern === path ||
      (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
  );
}

/** True when the rule allows the request (`RuleAllows` in Kubernetes' rbac authorizer). */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if (isPath(attributes)) return coversPath(rule, attributes.path);
  return (
    includes(rule.apiGroups, attributes.group) &&
    coversResource(rule, attributes) &&
    coversName(rule, attributes)
  );
}
