import type { HttpStory, Story, Transport } from './contract.ts';
import type { Known } from './known.ts';
import type { Walk } from './walk.ts';

/** A question that can be asked again of other objects. */
export interface Inquiry {
  readonly protocol: Transport;
  /** One way after the other: whoever has seen enough need not wait for the rest. */
  walks(known: Known): Iterable<Walk>;
  verdict(walks: readonly Walk[]): Story['verdict'];
  /** What is to be said beside. */
  notes(known: Known, walks: readonly Walk[]): readonly string[];
  http?(known: Known): HttpStory | undefined;
}

/** Of ways that stand beside each other. */
export function verdictOf(walks: readonly Walk[]): Story['verdict'] {
  const admitted = walks.filter(({ path }) => path.admits).length;
  if (admitted === walks.length) return 'admits';
  return admitted === 0 ? 'does not admit' : 'admits in part';
}
