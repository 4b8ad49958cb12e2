import type { Ingress } from '../kube/index.ts';
import { assembleSite, type SiteAssembly } from './assemble-site.ts';
import { resolveBackend, wishForService, type BackendWish } from './backends.ts';
import { classNameOf, isOwn, namesUnknownClass } from './classes.ts';
import type { Backend, BackendId, Finding, RouteTable, Site } from './contract.ts';
import { parseIngress, type ParsedIngress } from './parse-ingress.ts';
import type { ControllerSettings, RouteWorld } from './world.ts';

/** A table and all that came to light on the way. */
export interface RouteCompilation {
  readonly table: RouteTable;
  /** `namespace/name` of the Ingresses that are this controller's. */
  readonly own: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** A site as it was assembled last time, and out of what. */
interface SiteMemo {
  readonly ingresses: readonly ParsedIngress[];
  readonly secrets: readonly unknown[];
  readonly assembly: SiteAssembly;
}

interface BackendMemo {
  readonly service: unknown;
  readonly slices: unknown;
  readonly backend: Backend;
}

/**
 * Turns the Ingresses of a cluster into a {@link RouteTable}, again and again: what did not change since the last time
 * is not looked at again and keeps its identity.
 */
export class RouteCompiler {
  private readonly settings: ControllerSettings;
  private sites = new Map<string, SiteMemo>();
  private backends = new Map<BackendId, BackendMemo>();

  constructor(settings: ControllerSettings) {
    this.settings = settings;
  }

  compile(world: RouteWorld): RouteCompilation {
    const own = [...world.ingresses.values()].filter((ingress) =>
      isOwn(ingress, world.classes, this.settings),
    );
    const parsed = own.map((ingress) => parseIngress(ingress, world)).sort(byAge);
    const assemblies = this.assemble(parsed, world);
    const wishes = assemblies.flatMap(({ backends }) => backends);
    const { defaultService, fallbackCertificate } = this.settings;
    const fallback = defaultService === undefined ? undefined : wishForService(defaultService);
    const backends = this.resolve(fallback === undefined ? wishes : [...wishes, fallback], world);
    const findings = [
      ...unknownClasses(world),
      ...parsed.flatMap(({ findings }) => findings),
      ...assemblies.flatMap(({ findings }) => findings),
      ...faultyBackends(assemblies, backends),
    ];
    const sites = withCanonicalHosts(
      new Map(assemblies.map(({ site }) => [site.host, site])),
      parsed,
    );
    const table = { sites, backends, defaultBackend: fallback?.id, fallbackCertificate };
    return { table, own: new Set(parsed.map(({ key }) => key)), findings };
  }

  private assemble(parsed: readonly ParsedIngress[], world: RouteWorld): SiteAssembly[] {
    const byHost = new Map<string, ParsedIngress[]>();
    for (const ingress of parsed) {
      for (const host of hostsOf(ingress)) {
        const others = byHost.get(host);
        if (others === undefined) byHost.set(host, [ingress]);
        else others.push(ingress);
      }
    }
    const next = new Map<string, SiteMemo>();
    for (const [host, ingresses] of byHost) next.set(host, this.siteOf(host, ingresses, world));
    this.sites = next;
    return Array.from(next.values(), ({ assembly }) => assembly);
  }

  private siteOf(host: string, ingresses: readonly ParsedIngress[], world: RouteWorld): SiteMemo {
    const secrets = ingresses.flatMap(({ ingress }) =>
      (ingress.spec.tls ?? []).map(({ secretName }) =>
        world.secrets.get(`${ingress.metadata.namespace}/${secretName}`),
      ),
    );
    const memo = this.sites.get(host);
    const isFresh =
      memo !== undefined && isSame(memo.ingresses, ingresses) && isSame(memo.secrets, secrets);
    if (isFresh) return memo;
    return { ingresses, secrets, assembly: assembleSite(host, ingresses, world) };
  }

  private resolve(wishes: readonly BackendWish[], world: RouteWorld): Map<BackendId, Backend> {
    const next = new Map<BackendId, BackendMemo>();
    for (const wish of wishes) {
      if (next.has(wish.id)) continue;
      const service = world.services.get(wish.service ?? '');
      const slices = world.slices.get(wish.service ?? '');
      const memo = this.backends.get(wish.id);
      const isFresh = memo !== undefined && memo.service === service && memo.slices === slices;
      const kept = isFresh ? memo : { service, slices, backend: resolveBackend(wish, world) };
      next.set(wish.id, kept);
    }
    this.backends = next;
    return new Map(Array.from(next, ([id, { backend }]) => [id, backend]));
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((element, at) => element === b[at]);
}

function byAge(a: ParsedIngress, b: ParsedIngress): number {
  return a.age < b.age ? -1 : Number(a.age > b.age);
}

/** All hosts an Ingress has a say in: those of its rules, its aliases, and every name when it has a default backend. */
function hostsOf({ hosts, wishes, defaultBackend }: ParsedIngress): Set<string> {
  const anyHost = defaultBackend === undefined ? [] : [''];
  return new Set([...hosts, ...(wishes.aliases ?? []), ...anyHost]);
}

/** `www.foo.com` for `foo.com` and the other way round: names that nobody else answers to are sent on. */
function withCanonicalHosts(
  sites: Map<string, Site>,
  parsed: readonly ParsedIngress[],
): Map<string, Site> {
  for (const { hosts, wishes } of parsed) {
    if (wishes.fromToWww !== true) continue;
    for (const host of hosts) {
      const other = host.startsWith('www.') ? host.slice('www.'.length) : `www.${host}`;
      const site = sites.get(host);
      if (host === '' || host.startsWith('*')) continue;
      if (site === undefined || sites.has(other)) continue;
      const { certificate } = site;
      sites.set(other, { host: other, routes: [], policy: { canonicalHost: host }, certificate });
    }
  }
  return sites;
}

function unknownClasses({ ingresses, classes }: RouteWorld): Finding[] {
  return [...ingresses]
    .filter(([, ingress]) => namesUnknownClass(ingress, classes))
    .map(([ingress, found]) => unknownClass(ingress, found, [...classes.keys()]));
}

function unknownClass(key: string, ingress: Ingress, known: readonly string[]): Finding {
  const there = known.length === 0 ? 'there is none' : `there is ${known.join(', ')}`;
  const message = `no IngressClass "${classNameOf(ingress)}": ${there}; nothing routes this Ingress`;
  return { ingress: key, code: 'CLASS_NOT_FOUND', field: 'spec.ingressClassName', message };
}

const faults: Readonly<Record<NonNullable<Backend['fault']>, string>> = {
  SERVICE_NOT_FOUND: 'the Service does not exist',
  PORT_NOT_FOUND: 'the Service has no such port',
  NO_ENDPOINTS: 'no endpoint of the Service is ready',
  RESOURCE_NOT_SUPPORTED: 'resource backends are not known here',
};

/** What of the faults an author should hear: endpoints come and go by themselves and are no finding. */
function faultyBackends(
  assemblies: readonly SiteAssembly[],
  backends: ReadonlyMap<BackendId, Backend>,
): Finding[] {
  const findings: Finding[] = [];
  for (const { site } of assemblies) {
    for (const { ref, backend: id } of site.routes) {
      const { fault, service, port } = backends.get(id) ?? {};
      if (fault !== 'SERVICE_NOT_FOUND' && fault !== 'PORT_NOT_FOUND') continue;
      const field =
        ref.rule === -1
          ? 'spec.defaultBackend'
          : `spec.rules[${ref.rule}].http.paths[${ref.path}].backend`;
      const message = `${service}:${port ?? ''}: ${faults[fault]}; requests get 503 until it does`;
      findings.push({ ingress: ref.ingress, code: fault, field, message });
    }
  }
  return findings;
}
