/** Completion indexes as `status.completedIndexes` writes them: `0-2,5,6`, ascending; two in a row are no range. */
export function formatIndexes(indexes: Iterable<number>): string {
  const runs: [first: number, last: number][] = [];
  for (const index of [...new Set(indexes)].sort((one, two) => one - two)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(formatRun).join(',');
}

function formatRun([first, last]: readonly [number, number]): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
}

/** Reads {@link formatIndexes}; only those below `completions` count, for it may have been lowered. */
export function parseIndexes(text: string, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const run of text.split(',').filter((part) => part !== '')) {
    const [first = NaN, last = first] = run.split('-').map(Number);
    for (let index = first; index <= last && index < completions; index += 1) indexes.add(index);
  }
  return indexes;
}

/** The first `count` indexes that nobody has. */
export function freeIndexes(
  taken: ReadonlySet<number>,
  { count, completions }: { readonly count: number; readonly completions: number },
): number[] {
  const free: number[] = [];
  for (let index = 0; index < completions && free.length < count; index += 1) {
    if (!taken.has(index)) free.push(index);
  }
  return free;
}
