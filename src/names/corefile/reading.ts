import { isName } from '../../dnswire/index.ts';
import type { ServerBlock } from '../config.ts';
import { reverseZonesOf } from './reverse-zones.ts';
import type { Line } from './syntax.ts';
import type { Token } from './token.ts';

/** A server block while its directives are read. */
export type BlockDraft = { -readonly [K in keyof ServerBlock]: ServerBlock[K] };

/** What a directive's reader works with. */
export interface Reading {
  readonly block: BlockDraft;
  /** Files that a Corefile may name: the other keys of its ConfigMap, as `/etc/coredns/KEY`. */
  readonly files: ReadonlyMap<string, string>;
  report(token: Token, message: string): void;
  /** Tells that a word is understood and changes nothing here; `why` goes on after "has no effect here because". */
  note(token: Token, why: string): void;
}

export type ReportOnly = Pick<Reading, 'report'>;

/** One directive: its name, and how its line is read into the block. */
export interface DirectiveReader {
  readonly name: string;
  read(line: Line, reading: Reading): void;
}

/** Reads one option line of a directive's block. */
export type OptionReader = (line: Line) => void;

/** Reads the options of a directive by name; an unknown one is reported. */
export function readOptions(
  line: Line,
  reading: ReportOnly,
  options: Readonly<Record<string, OptionReader>>,
): void {
  for (const option of line.block) {
    const { text } = option.name;
    const read = Object.hasOwn(options, text) ? options[text] : undefined;
    if (read === undefined) {
      const known = Object.keys(options).toSorted().join(', ');
      const rest = known === '' ? '' : `, only: ${known}`;
      const message = `${line.name.text} has no option ${JSON.stringify(text)} here${rest}`;
      reading.report(option.name, message);
    } else {
      read(option);
    }
  }
}

/** Reports arguments beyond `most`. */
export function allowArguments({ args }: Line, most: number, reading: ReportOnly): void {
  const extra = args[most];
  if (extra !== undefined) reading.report(extra, `unexpected ${JSON.stringify(extra.text)}`);
}

/** A name, absolute and in lower case. */
export function readName(token: Token, reading: ReportOnly): string {
  const text = token.text.toLowerCase();
  const name = text.endsWith('.') ? text : `${text}.`;
  // Snippets `(name)` and variables `{$NAME}` are not built, and would be names nobody ever asks for.
  if (!isName(name) || /[(){}]/.test(name))
    reading.report(token, `${JSON.stringify(token.text)} is no domain name`);
  return name;
}

/** A zone by its name, or the reverse zones of a CIDR like `10.0.0.0/8`. */
export function readZone(token: Token, reading: ReportOnly): readonly string[] {
  return reverseZonesOf(token.text) ?? [readName(token, reading)];
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as Go writes it (`5s`, `1m30s`), in milliseconds. */
export function readDuration(token: Token, reading: ReportOnly): number {
  const parts = [...token.text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== token.text) {
    reading.report(token, `${JSON.stringify(token.text)} is no duration like 5s or 500ms`);
    return 0;
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
}

/** A whole number within bounds. */
export function readInteger(
  token: Token | undefined,
  bounds: { readonly min: number; readonly max: number; readonly at: Token },
  reading: ReportOnly,
): number {
  const value = token !== undefined && /^\d+$/.test(token.text) ? Number(token.text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  const message = `${bounds.at.text} takes a number from ${bounds.min} to ${bounds.max}`;
  reading.report(token ?? bounds.at, message);
  return bounds.min;
}

/** The port of `:9153` or `ADDRESS:PORT`. */
export function readPort(
  token: Token | undefined,
  otherwise: number,
  reading: Pick<Reading, 'report' | 'note'>,
): number {
  if (token === undefined) return otherwise;
  const host = token.text.replace(/:\d+$/, '');
  if (!['', '0.0.0.0', '[::]'].includes(host) && host !== token.text) {
    reading.note({ ...token, text: host }, 'the page is there at every address of the pod');
  }
  const port = Number(/:(\d{1,5})$/.exec(token.text)?.[1]);
  if (port > 0 && port <= 0xffff) return port;
  reading.report(token, `${JSON.stringify(token.text)} is no address like :${otherwise}`);
  return otherwise;
}

/** Zones from arguments; those of the server block without any. */
export function readZones(
  tokens: readonly Token[],
  reading: Pick<Reading, 'block' | 'report'>,
): readonly string[] {
  if (tokens.length === 0) return reading.block.zones;
  return tokens.flatMap((token) => readZone(token, reading));
}

/** The first argument of an option, reported when it lacks. */
export function firstArgument({ name, args }: Line, reading: ReportOnly): Token | undefined {
  const [first] = args;
  if (first === undefined) reading.report(name, `${name.text} needs an argument`);
  return first;
}

/** The one argument of an option, reported when it lacks or more follow. */
export function onlyArgument(option: Line, reading: ReportOnly): Token | undefined {
  allowArguments(option, 1, reading);
  return firstArgument(option, reading);
}
