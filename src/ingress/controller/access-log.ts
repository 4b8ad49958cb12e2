import type { AccessRecord } from '../engine.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** nginx's `$time_local`, in UTC. */
function localTime(ms: number): string {
  const at = new Date(ms);
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

/**
 * Nothing a client sends may end a field or a line, nor command the terminal that shows it (U+009B does): every byte
 * outside of printable ASCII is written as nginx does, `\x22`.
 */
function quoted(text: string): string {
  const safe = text.replace(/[^ !#-[\]-~]/gu, (character) =>
    // Engines tell bytes, a character for each.
    Array.from(Buffer.from(character, character > '\u00ff' ? 'utf8' : 'latin1'), escaped).join(''),
  );
  return `"${safe}"`;
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`;
}

/**
 * A line of the access log: ingress-nginx's fields as far as they have a meaning here, then the Ingress's rule and the
 * reason, which `portolan explain` uses too.
 */
export function accessLine(record: AccessRecord): string {
  const { route, backend = '', upstreams } = record;
  const rule =
    route === undefined ? '-' : `${route.ingress}:rules[${route.rule}].paths[${route.path}]`;
  const request = `${record.method} ${record.target} ${record.protocol}`;
  return [
    record.client,
    '- -',
    `[${localTime(record.time)}]`,
    quoted(request),
    record.status,
    record.responseBytes,
    quoted(record.host),
    record.seconds.toFixed(3),
    `[${backend.split(' ')[0] || '-'}]`,
    upstreams.length === 0 ? '-' : upstreams.join(', '),
    rule,
    record.reason,
    record.requestId,
  ].join(' ');
}
