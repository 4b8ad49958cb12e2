import { formatAddress, type Address, type Family } from '../../ip/index.ts';
import type { Capture, Endpoint } from '../../services/index.ts';

/** A frontend whose flows are to be looked at, and the endpoints they may stay with; none when it is gone. */
export interface Suspect {
  readonly family: Family;
  readonly port: number;
  readonly endpoints: ReadonlySet<string>;
}

type Claims = Map<string, { readonly capture: Capture; readonly endpoints: ReadonlySet<string> }>;

/** `192.0.2.1 53`: how frontends and endpoints are told apart. */
export function endKey(address: Address, port: number): string {
  return `${formatAddress(address)} ${port}`;
}

function keyOf({ ip, port }: Pick<Endpoint, 'ip' | 'port'>): string {
  return `${ip} ${port}`;
}

/**
 * Which UDP frontends a node has, and which of them have changed so that flows may be where they should not: an
 * endpoint went, or the frontend came or went. Endpoints that only come leave flows where they are.
 */
export class UdpFrontends {
  private readonly byFrontend = new Map<string, Claims>();
  private readonly byService = new Map<string, readonly string[]>();
  private suspects = new Map<string, Suspect>();

  /** Replaces what a Service captures; an empty list, or one without UDP, removes it. */
  replace(service: string, captures: readonly Capture[]): void {
    const udp = captures.filter(({ protocol }) => protocol === 'UDP');
    const previous = this.byService.get(service) ?? [];
    if (udp.length === 0 && previous.length === 0) return;
    const before = new Map(
      [...previous, ...udp.map(keyOf)].map((frontend) => [frontend, this.state(frontend)]),
    );
    for (const frontend of previous) this.drop(frontend, service);
    for (const capture of udp) this.claim(service, capture);
    if (udp.length === 0) this.byService.delete(service);
    else this.byService.set(service, udp.map(keyOf));
    for (const [frontend, state] of before) this.compare(frontend, state);
  }

  /** The frontends to look at, by key; the next call tells those that came since. */
  takeSuspects(): ReadonlyMap<string, Suspect> {
    const { suspects } = this;
    this.suspects = new Map();
    return suspects;
  }

  /** Puts suspects back that could not be looked at. */
  putBack(suspects: ReadonlyMap<string, Suspect>): void {
    this.suspects = new Map([...suspects, ...this.suspects]);
  }

  /** Makes every frontend one to look at. */
  suspectAll(): void {
    for (const frontend of this.byFrontend.keys()) {
      const state = this.state(frontend);
      if (state !== undefined) this.suspects.set(frontend, state);
    }
  }

  private compare(frontend: string, before: Suspect | undefined): void {
    const now = this.state(frontend);
    const known = now ?? before;
    if (known === undefined) return;
    const endpoints = now?.endpoints ?? new Set<string>();
    const isSuspect = before === undefined || !before.endpoints.isSubsetOf(endpoints);
    const isFirst = before?.endpoints.size === 0 && endpoints.size > 0;
    const wasSuspect = this.suspects.has(frontend);
    if (!isSuspect && !isFirst && !wasSuspect && now !== undefined) return;
    this.suspects.set(frontend, { family: known.family, port: known.port, endpoints });
  }

  /** Services that claim one address share it: a flow to an endpoint of either is where it may be. */
  private state(frontend: string): Suspect | undefined {
    const claims = [...(this.byFrontend.get(frontend)?.values() ?? [])];
    const [first] = claims;
    if (first === undefined) return undefined;
    const { family, port } = first.capture;
    return { family, port, endpoints: new Set(claims.flatMap(({ endpoints }) => [...endpoints])) };
  }

  private claim(service: string, capture: Capture): void {
    const frontend = keyOf(capture);
    const claims: Claims = this.byFrontend.get(frontend) ?? new Map();
    claims.set(service, { capture, endpoints: new Set(capture.serving.map(keyOf)) });
    this.byFrontend.set(frontend, claims);
  }

  private drop(frontend: string, service: string): void {
    const claims = this.byFrontend.get(frontend);
    claims?.delete(service);
    if (claims?.size === 0) this.byFrontend.delete(frontend);
  }
}
