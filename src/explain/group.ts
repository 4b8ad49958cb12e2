import type { Hop, Path } from './contract.ts';

/** What makes two ways the same story: every decision and its rule, not the names of pods. */
function signature({ hops }: Path): string {
  return JSON.stringify(hops.filter((hop) => !isPlainRoute(hop)).map(essence));
}

/** Whether two pods share a node decides nothing. */
function isPlainRoute({ step, outcome }: Hop): boolean {
  return step === 'route' && outcome === 'passes';
}

function essence({ step, outcome, reason, rule, source, object }: Hop): unknown[] {
  const decider = object?.kind === 'Pod' ? [] : [object, source];
  return [step, outcome, reason, rule, ...decider];
}

/** Ways that differ in names alone become one. */
export function grouped(paths: readonly Path[]): Path[] {
  return [...Map.groupBy(paths, signature).values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          {
            ...first,
            alike: others.map(({ source, destination }) => ({
              source: source.name,
              ...(destination === undefined ? {} : { destination: destination.name }),
            })),
          },
        ],
  );
}
