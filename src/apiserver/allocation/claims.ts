/** What one Service holds: `ip/10.96.0.1`, `port/TCP/30080`. */
export type Claim = string;

interface Holding {
  readonly owner: string;
  holds: number;
}

/**
 * Who holds which address and node port. A claim has one owner but may be held several times: once for the
 * stored Service, and once for every write of it that is under way. It is free when the last hold is gone, so
 * writes that overlap and fail in any order never free what a stored Service uses.
 */
export class ClaimLedger {
  private readonly holdings = new Map<Claim, Holding>();
  private readonly byOwner = new Map<string, Set<Claim>>();

  isFree(claim: Claim): boolean {
    return !this.holdings.has(claim);
  }

  /** True when `owner` could not hold the claim. */
  isTakenFrom(claim: Claim, owner: string): boolean {
    const holding = this.holdings.get(claim);
    return holding !== undefined && holding.owner !== owner;
  }

  /** Claims that another owner has stay theirs: ask {@link isTakenFrom} before. */
  hold(claims: Iterable<Claim>, owner: string): void {
    for (const claim of claims) {
      const holding = this.holdings.get(claim);
      if (holding === undefined) this.add(claim, owner);
      else if (holding.owner === owner) holding.holds += 1;
    }
  }

  release(claims: Iterable<Claim>, owner: string): void {
    for (const claim of claims) {
      const holding = this.holdings.get(claim);
      if (holding?.owner !== owner) continue;
      holding.holds -= 1;
      if (holding.holds === 0) this.remove(claim, owner);
    }
  }

  /** Frees everything that `owner` holds, for writes under way too: its object is gone, they will fail. */
  forget(owner: string): void {
    for (const claim of this.byOwner.get(owner) ?? []) this.holdings.delete(claim);
    this.byOwner.delete(owner);
  }

  private add(claim: Claim, owner: string): void {
    this.holdings.set(claim, { owner, holds: 1 });
    const own = this.byOwner.get(owner);
    if (own === undefined) this.byOwner.set(owner, new Set([claim]));
    else own.add(claim);
  }

  private remove(claim: Claim, owner: string): void {
    this.holdings.delete(claim);
    const own = this.byOwner.get(owner);
    own?.delete(claim);
    if (own?.size === 0) this.byOwner.delete(owner);
  }
}
