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

  /** True when `owner` could not hold the claim. */
  isTakenFrom(claim: Claim, owner: string): boolean {
    const holding = this.holdings.get(claim);
    return holding !== undefined && holding.owner !== owner;
  }

  isFree(claim: Claim): boolean {
    return !this.holdings.has(claim);
  }

  hold(claims: Iterable<Claim>, owner: string): void {
    for (const claim of claims) {
      const holding = this.holdings.get(claim);
      if (holding === undefined) this.holdings.set(claim, { owner, holds: 1 });
      else if (holding.owner === owner) holding.holds += 1;
    }
  }

  release(claims: Iterable<Claim>, owner: string): void {
    for (const claim of claims) {
      const holding = this.holdings.get(claim);
      if (holding?.owner !== owner) continue;
      holding.holds -= 1;
      if (holding.holds === 0) this.holdings.delete(claim);
    }
  }

  get size(): number {
    return this.holdings.size;
  }
}
