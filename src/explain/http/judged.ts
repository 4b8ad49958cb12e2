import { formatAddress } from '../../ip/index.ts';
import {
  hostName,
  judgeRequest,
  matchingRoutes,
  nginxController,
  RouteCompiler,
  sitesFor,
  type Certificate,
  type Finding,
  type RequestVerdict,
  type Route,
  type RouteTable,
  type RouteWorld,
  type Site,
} from '../../routes/index.ts';
import type { HttpStory } from '../contract.ts';
import type { Station } from '../places/station.ts';
import type { HttpRequest } from './request.ts';

/** Stands for the self-signed certificate, which differs from controller to controller. */
const fallbackCertificate: Certificate = { chain: '', key: '' };

/** A request as the controller of these objects judges it. */
export interface Judged {
  readonly request: HttpRequest;
  /** Whom the controller sees. */
  readonly client: Station;
  readonly name: string;
  readonly verdict: RequestVerdict;
  /** The controller sees TLS and nothing in it. */
  readonly isUnopened: boolean;
  /** Those that match besides the one that has it, in the order of precedence. */
  readonly runnersUp: readonly Route[];
  /** Who may answer for the name, the nearest first. */
  readonly sites: readonly Site[];
  readonly certificate?: Certificate;
  readonly findings: readonly Finding[];
  /** `namespace/name` of the Ingresses that are the controller's. */
  readonly own: ReadonlySet<string>;
}

/** Where TLS goes to the backend unopened, nobody looks at paths. */
function unopened(
  { backends }: RouteTable,
  { scheme }: HttpRequest,
  [site]: readonly Site[],
): RequestVerdict | undefined {
  const backend = scheme === 'https' ? backends.get(site?.passthrough ?? '') : undefined;
  if (backend === undefined) return undefined;
  return backend.upstreams.length > 0
    ? { action: 'forward', reason: 'FORWARDED', backend }
    : { action: 'respond', reason: 'NO_UPSTREAM', backend };
}

/** @param client whom the controller sees */
export function judge(world: RouteWorld, request: HttpRequest, client: Station): Judged {
  const { scheme, host, target } = request;
  const name = hostName(host);
  const { table, findings, own } = new RouteCompiler({
    ...nginxController,
    fallbackCertificate,
  }).compile(world);
  const [address] = client.addresses;
  const facts = {
    scheme,
    host,
    target,
    method: 'GET',
    headers: new Map<string, string>(),
    client: address === undefined ? '' : formatAddress(address),
    ...(scheme === 'https' ? { sni: name } : {}),
  };
  const sites = sitesFor(table, name);
  // The last of all draws: a canary that takes part of the requests is told of beside.
  const verdict =
    unopened(table, request, sites) ?? judgeRequest(table, facts, () => 1 - Number.EPSILON);
  const certificate = sites.find((site) => site.certificate !== undefined)?.certificate;
  return {
    request,
    client,
    name,
    verdict,
    isUnopened: scheme === 'https' && sites[0]?.passthrough !== undefined,
    runnersUp: matchingRoutes(table, facts).filter((route) => route !== verdict.route),
    sites,
    ...(scheme === 'https' && certificate !== undefined ? { certificate } : {}),
    findings,
    own,
  };
}

/** What of it programs are told. */
export function httpStoryOf({ request, verdict, runnersUp, certificate }: Judged): HttpStory {
  const { action, reason, status, location, route, backend, target: upstreamTarget } = verdict;
  const { scheme, host, target } = request;
  const { service, port, upstreams = [] } = backend ?? {};
  return {
    scheme,
    host,
    target,
    action,
    reason,
    ...(status === undefined ? {} : { status }),
    ...(location === undefined ? {} : { location }),
    ...(route === undefined ? {} : { rule: route.ref }),
    runnersUp: runnersUp.map(({ ref }) => ref),
    ...(certificate?.secret === undefined ? {} : { certificate: certificate.secret }),
    ...(service === undefined ? {} : { backend: `${service}:${port ?? ''}` }),
    ...(action === 'forward' && upstreamTarget !== undefined ? { upstreamTarget } : {}),
    endpoints: upstreams.map(({ ip, port }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`),
  };
}
