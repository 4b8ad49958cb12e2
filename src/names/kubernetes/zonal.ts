/** What `ZONE.pin._zone.SERVICE...` or `ZONE.prefer._zone.SERVICE...` asks for (CoreDNS's zonal names). */
export type ZonalRequest =
  | { readonly kind: 'endpoints'; readonly zone: string; readonly isPinned: boolean }
  /** `_zone` or `pin._zone`: there are names below it. */
  | { readonly kind: 'above' };

const MARK = '_zone';

/** Reads the labels before a Service's name, in lower case; `undefined` when they are no zonal name. */
export function zonalRequest(labels: readonly string[]): ZonalRequest | undefined {
  if (labels.at(-1) !== MARK) return undefined;
  if (labels.length === 1) return { kind: 'above' };
  const directive = labels.at(-2);
  if (directive !== 'pin' && directive !== 'prefer') return undefined;
  // The name of a zone is a label's value and may have dots.
  const zone = labels.slice(0, -2).join('.');
  return zone === ''
    ? { kind: 'above' }
    : { kind: 'endpoints', zone, isPinned: directive === 'pin' };
}
