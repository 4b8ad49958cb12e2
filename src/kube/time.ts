const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const day = 24;
const year = 24 * 365;

/** `3h39m`, or `3h` when the smaller part is zero. */
function parts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/**
 * A duration as `kubectl get` prints ages: about two significant figures. The steps are those of
 * `apimachinery/pkg/util/duration/duration.go`. Two seconds in the future count as clock skew.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  const minutes = Math.floor(milliseconds / minuteMs);
  if (minutes < 10) return parts(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(milliseconds / hourMs);
  if (hours < 8) return parts(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 8 * day) return parts(Math.floor(hours / day), 'd', hours % day, 'h');
  if (hours < 2 * year) return `${Math.floor(hours / day)}d`;
  if (hours < 8 * year) {
    return parts(Math.floor(hours / year), 'y', Math.floor(hours / day) % 365, 'd');
  }
  return `${Math.floor(hours / year)}y`;
}

/** The age of an RFC 3339 time, `<unknown>` when there is none; `now` is milliseconds since the epoch. */
export function age(time: string | null | undefined, now: number): string {
  if (time === undefined || time === null || time === '') return '<unknown>';
  return humanDuration(now - Date.parse(time));
}
