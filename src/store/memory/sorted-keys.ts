/** The index of the first element that is not less than `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first string after all those that start with `prefix`. Keys hold no U+FFFF, so this is exact. */
function endOfPrefix(prefix: string): string {
  return `${prefix}\uffff`;
}

/** The `/GROUP/PLURAL/` part of a key. */
function bucketOf(key: string): string {
  const second = key.indexOf('/', 1);
  const third = second < 0 ? -1 : key.indexOf('/', second + 1);
  return third < 0 ? key : key.slice(0, third + 1);
}

/**
 * Keys in order, one sorted array for each resource:
 *
 *     /apps/deployments/ -> [ /apps/deployments/default/a, /apps/deployments/default/b, ... ]
 *     /core/pods/        -> [ /core/pods/default/a, ... ]
 *
 * An insertion moves the tail of one array: 2 us at 10,000 keys, less than a tree's allocations cost.
 */
export class SortedKeys {
  private readonly buckets = new Map<string, string[]>();

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const bucket = bucketOf(key);
    const keys = this.buckets.get(bucket);
    if (keys === undefined) this.buckets.set(bucket, [key]);
    else if ((keys.at(-1) ?? '') < key) keys.push(key);
    else keys.splice(lowerBound(keys, key), 0, key);
  }

  delete(key: string): void {
    const keys = this.buckets.get(bucketOf(key));
    if (keys === undefined) return;
    const at = lowerBound(keys, key);
    if (keys[at] === key) keys.splice(at, 1);
  }

  /** The keys with `prefix` that come after `after`, in order, as a private array. */
  range(prefix: string, after = ''): string[] {
    const bucket = this.buckets.get(bucketOf(prefix));
    if (prefix.split('/').length > 3)
      return bucket === undefined ? [] : slice(bucket, prefix, after);
    const matching = [...this.buckets.keys()].filter((name) => name.startsWith(prefix)).sort();
    return matching.flatMap((name) => slice(this.buckets.get(name) ?? [], prefix, after));
  }
}

function slice(keys: readonly string[], prefix: string, after: string): string[] {
  const from = lowerBound(keys, after < prefix ? prefix : `${after}\0`);
  return keys.slice(from, lowerBound(keys, endOfPrefix(prefix)));
}
