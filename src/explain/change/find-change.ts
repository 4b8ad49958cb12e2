import { identityOf, overlayObjects } from '../../snapshot/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import type { Change } from '../contract.ts';
import type { Remedy } from '../hops/telling.ts';
import type { Known } from '../known.ts';
import type { Walk } from '../walk.ts';
import { edited, manifestOf } from './edited.ts';

/** No more than so many things are wrong with one connection. */
const MAX_CHANGES = 6;

function firstRemedy(walks: Iterable<Walk>): Remedy | undefined {
  for (const { remedies } of walks) if (remedies[0] !== undefined) return remedies[0];
  return undefined;
}

function stops(walks: Iterable<Walk>): string[] {
  const sentences = [...walks].flatMap(({ path }) =>
    path.hops.filter(({ outcome }) => outcome === 'stops').map(({ sentence }) => sentence),
  );
  return [...new Set(sentences)];
}

/** Objects with some remedies applied. */
interface Attempt {
  readonly known: Known;
  readonly changed: ReadonlyMap<string, AnyObject>;
  readonly sentences: readonly string[];
}

function applied({ known, changed, sentences }: Attempt, remedy: Remedy): Attempt | undefined {
  const object = edited(known.objects, remedy, known.namespace);
  if (object === undefined) return undefined;
  return {
    known: { ...known, objects: overlayObjects(known.objects, [object]) },
    changed: new Map([...changed, [identityOf(object), object] as const]),
    sentences: [...sentences, remedy.sentence],
  };
}

/**
 * Applies one remedy after the other, judging again after each, until the connection is admitted or nothing helps.
 * @param again the same question, asked of other objects
 */
export function findChange(
  known: Known,
  walks: readonly Walk[],
  again: (known: Known) => Iterable<Walk>,
): Change | undefined {
  let now: Attempt = { known, changed: new Map(), sentences: [] };
  let remedy = firstRemedy(walks);
  while (remedy !== undefined && now.sentences.length < MAX_CHANGES) {
    const next = applied(now, remedy);
    if (next === undefined) break;
    now = next;
    remedy = firstRemedy(again(now.known));
  }
  if (now.sentences.length === 0) return undefined;
  const remaining = stops(again(now.known));
  return {
    sentences: now.sentences,
    manifest: manifestOf([...now.changed.values()], known.namespace),
    admits: remaining.length === 0,
    remaining,
  };
}
