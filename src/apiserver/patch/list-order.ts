import { isJsonObject } from './json.ts';

/** Two elements of a list are one when their merge keys are equal; scalars when they are equal themselves. */
export function isSameElement(left: unknown, right: unknown, mergeKey: string): boolean {
  if (mergeKey !== '' && isJsonObject(left) && isJsonObject(right)) {
    return left[mergeKey] === right[mergeKey];
  }
  return left === right;
}

function positionIn(order: readonly unknown[], item: unknown, mergeKey: string): number {
  return order.findIndex((entry) => isSameElement(entry, item, mergeKey));
}

/** Whether the server had `item` before `place`; an element that it did not have is before nothing. */
function isBefore(order: readonly unknown[], item: unknown, place: number, key: string): boolean {
  const own = positionIn(order, item, key);
  return own >= 0 && own < place;
}

function sortedBy(order: readonly unknown[], items: readonly unknown[], key: string): unknown[] {
  const ranked = items.map((item) => ({ item, rank: positionIn(order, item, key) }));
  return ranked.sort((left, right) => left.rank - right.rank).map(({ item }) => item);
}

/**
 * Orders a merged list: items of the patch as the patch orders them, the server's own items as the server had
 * them, and between the two an own item comes first only where the server had it before the patched one.
 */
export function orderMerged(options: {
  readonly merged: readonly unknown[];
  readonly patchOrder: readonly unknown[];
  readonly serverOrder: readonly unknown[];
  readonly mergeKey: string;
}): unknown[] {
  const { merged, patchOrder, serverOrder, mergeKey } = options;
  const inPatch = (item: unknown): boolean => positionIn(patchOrder, item, mergeKey) >= 0;
  const patched = sortedBy(patchOrder, merged.filter(inPatch), mergeKey);
  const own = sortedBy(
    serverOrder,
    merged.filter((item) => !inPatch(item)),
    mergeKey,
  );
  const result: unknown[] = [];
  let next = 0;
  for (const item of patched) {
    const place = positionIn(serverOrder, item, mergeKey);
    while (next < own.length && isBefore(serverOrder, own[next], place, mergeKey)) {
      result.push(own[next]);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...own.slice(next)];
}
