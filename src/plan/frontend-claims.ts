import type { Capture } from '../services/index.ts';
import { frontendKey } from './frontend-key.ts';

/**
 * Who captures which address and port. Two Services may claim the same one (external addresses are theirs to choose):
 * the one whose key sorts first has it, whatever the order in which they came.
 */
export class FrontendClaims {
  private readonly byFrontend = new Map<string, Map<string, Capture>>();
  private readonly byService = new Map<string, readonly string[]>();

  /** Replaces the claims of a Service and returns the frontends that may have changed hands or content. */
  replace(service: string, captures: readonly Capture[]): ReadonlySet<string> {
    const previous = this.byService.get(service) ?? [];
    for (const frontend of previous) this.drop(frontend, service);
    const next = captures.map((capture) => this.claim(service, capture));
    if (next.length === 0) this.byService.delete(service);
    else this.byService.set(service, next);
    return new Set([...previous, ...next]);
  }

  /** The capture that stands at a frontend. */
  holder(frontend: string): Capture | undefined {
    const claims = this.byFrontend.get(frontend);
    if (claims === undefined) return undefined;
    const [first, ...others] = claims.keys();
    const winner = others.reduce((least, key) => (key < least ? key : least), first ?? '');
    return claims.get(winner);
  }

  services(): string[] {
    return [...this.byService.keys()];
  }

  private claim(service: string, capture: Capture): string {
    const frontend = frontendKey(capture).join(' . ');
    const claims = this.byFrontend.get(frontend) ?? new Map<string, Capture>();
    claims.set(service, capture);
    this.byFrontend.set(frontend, claims);
    return frontend;
  }

  private drop(frontend: string, service: string): void {
    const claims = this.byFrontend.get(frontend);
    claims?.delete(service);
    if (claims?.size === 0) this.byFrontend.delete(frontend);
  }
}
