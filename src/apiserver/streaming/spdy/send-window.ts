/** What every stream and the whole session may send before the first WINDOW_UPDATE (2.6.8). */
export const DEFAULT_WINDOW = 64 * 1024;
const MAX_WINDOW = 0x7fffffff;

/** How many bytes the peer is still willing to take; below zero after the peer has lowered its initial window. */
export class SendWindow {
  private credit: number;

  constructor(credit = DEFAULT_WINDOW) {
    this.credit = credit;
  }

  get available(): number {
    return Math.max(0, this.credit);
  }

  spend(bytes: number): void {
    this.credit -= bytes;
  }

  /** Returns false when the window would outgrow 2^31 - 1, which is a FLOW_CONTROL_ERROR. */
  grow(bytes: number): boolean {
    this.credit += bytes;
    return this.credit <= MAX_WINDOW;
  }
}
