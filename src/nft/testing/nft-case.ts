import type { Operation } from '../operation.ts';

/** A command of the real nft and the operations that are the same; `setup` runs before it. */
export interface NftCase {
  readonly setup: string;
  readonly command: string;
  readonly operations: readonly Operation[];
}
