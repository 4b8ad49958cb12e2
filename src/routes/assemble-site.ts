import type { Canary, Finding, Route, Site } from './contract.ts';
import type { BackendWish } from './backends.ts';
import { matchOf, type ParsedIngress, type ParsedPath } from './parse-ingress.ts';
import { comparePrecedence, matchKey } from './paths.ts';
import { sitePolicyOf } from './site-policy.ts';
import { certificateOf, passthroughOf } from './site-tls.ts';
import { policyOf } from './route-policy.ts';
import type { RouteWorld } from './world.ts';

/** A site, the backends its routes refer to, and what its authors should hear. */
export interface SiteAssembly {
  readonly site: Site;
  readonly backends: readonly BackendWish[];
  readonly findings: readonly Finding[];
}

/** What an assembly collects while it goes through the Ingresses of a host. */
interface Draft {
  readonly host: string;
  readonly isRegex: boolean;
  readonly routes: Route[];
  /** Positions in `routes`, by key of the match. */
  readonly held: Map<string, number>;
  readonly backends: Map<string, BackendWish>;
  readonly findings: Finding[];
}

/**
 * The site of a host, out of all Ingresses that have a rule for it, oldest first: where two claim the same path, the
 * older has it (and the younger's author hears of it). Canaries join the route they are of.
 */
export function assembleSite(
  host: string,
  ingresses: readonly ParsedIngress[],
  world: RouteWorld,
): SiteAssembly {
  const draft: Draft = {
    host,
    isRegex: ingresses.some(({ wishes }) => wishes.useRegex === true),
    routes: [],
    held: new Map(),
    backends: new Map(),
    findings: [],
  };
  const primaries = ingresses.filter(({ wishes }) => wishes.canary === undefined);
  for (const parsed of primaries) addRoutes(draft, parsed);
  for (const parsed of ingresses)
    if (parsed.wishes.canary !== undefined) addCanaries(draft, parsed);
  draft.routes.sort((a, b) => comparePrecedence(a.match, b.match));
  for (const parsed of primaries) addDefault(draft, parsed);
  const tls = certificateOf(host, primaries, world);
  const passthrough = passthroughOf(host, primaries);
  const shared = sitePolicyOf(host, primaries);
  const site: Site = {
    host,
    routes: draft.routes,
    policy: shared.policy,
    certificate: tls.certificate,
    passthrough: passthrough?.id,
  };
  if (passthrough !== undefined) keep(draft, passthrough);
  const findings = [...draft.findings, ...shared.findings, ...tls.findings];
  return { site, backends: [...draft.backends.values()], findings };
}

function keep({ backends }: Draft, wish: BackendWish): string {
  backends.set(wish.id, wish);
  return wish.id;
}

function fieldOf({ ref }: ParsedPath): string {
  return `spec.rules[${ref.rule}].http.paths[${ref.path}]`;
}

function tell(draft: Draft, path: ParsedPath, code: Finding['code'], message: string): void {
  draft.findings.push({ ingress: path.ref.ingress, code, field: fieldOf(path), message });
}

/** Paths of an Ingress for the draft's host; an alias has the paths of all the Ingress's hosts. */
function pathsFor({ host }: Draft, { paths, wishes }: ParsedIngress): readonly ParsedPath[] {
  const isAlias = wishes.aliases?.includes(host) === true;
  return isAlias ? paths : paths.filter((path) => path.host === host);
}

function addRoutes(draft: Draft, parsed: ParsedIngress): void {
  for (const path of pathsFor(draft, parsed)) {
    const match = matchOf(path, draft.isRegex);
    if (typeof match === 'string') {
      tell(draft, path, 'EXPRESSION_INVALID', `${match}; the path is left out`);
      continue;
    }
    const key = matchKey(match);
    const holder = draft.routes[draft.held.get(key) ?? -1];
    if (holder !== undefined) {
      const { ingress } = holder.ref;
      if (ingress === parsed.key && isEqualPath(path, holder)) continue;
      const where =
        draft.host === ''
          ? `path "${path.path}" without a host belongs`
          : `host "${draft.host}" and path "${path.path}" belong`;
      tell(draft, path, 'HOST_PATH_CONFLICT', `${where} to the older Ingress ${ingress}`);
      continue;
    }
    if (path.backend.service === undefined) {
      tell(draft, path, 'RESOURCE_NOT_SUPPORTED', 'resource backends are not known here: 503');
    }
    if (parsed.errorBackend !== undefined) keep(draft, parsed.errorBackend);
    draft.held.set(key, draft.routes.length);
    draft.routes.push({
      ref: path.ref,
      host: draft.host,
      match,
      backend: keep(draft, path.backend),
      canaries: [],
      policy: policyOf(parsed, draft.host),
    });
  }
}

/** An alias lists the same path for each of the Ingress's hosts: no conflict when they mean the same. */
function isEqualPath(path: ParsedPath, { backend }: Route): boolean {
  return path.backend.id === backend;
}

function addCanaries(draft: Draft, parsed: ParsedIngress): void {
  const wish = parsed.wishes.canary;
  if (wish === undefined) return;
  for (const path of pathsFor(draft, parsed)) {
    const match = matchOf(path, draft.isRegex);
    const at = typeof match === 'string' ? -1 : (draft.held.get(matchKey(match)) ?? -1);
    const route = draft.routes[at];
    if (route === undefined) {
      const missing = 'no other Ingress has this host and path: a canary alone gets no requests';
      tell(draft, path, 'CANARY_WITHOUT_PRIMARY', missing);
    } else if (route.canaries.length > 0) {
      const first = route.canaries[0]?.ref.ingress;
      tell(draft, path, 'CANARY_CONFLICT', `the canary of this path is the older Ingress ${first}`);
    } else {
      const canary: Canary = { ...wish, ref: path.ref, backend: keep(draft, path.backend) };
      draft.routes[at] = { ...route, canaries: [canary] };
    }
  }
}

/** After all routes: what no path of the host matches. The oldest default backend has it. */
function addDefault(draft: Draft, parsed: ParsedIngress): void {
  if (parsed.defaultBackend === undefined) return;
  if (draft.routes.some(({ ref }) => ref.rule === -1)) return;
  draft.routes.push({
    ref: { ingress: parsed.key, rule: -1, path: -1 },
    host: draft.host,
    match: { kind: 'prefix', path: '/' },
    backend: keep(draft, parsed.defaultBackend),
    canaries: [],
    policy: policyOf(parsed, draft.host),
  });
}
