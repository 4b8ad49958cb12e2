import { Fault } from '../fault/index.ts';

export const MAX_PORT = 65_535;

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const RANGE = /^(\d{1,5})(?:([-+])(\d{1,5}))?$/;

/** Reads `FIRST-LAST`, `FIRST+MORE` or one port, as Kubernetes' port range flags do; `undefined` when it is none. */
export function parsePortRange(text: string): PortRange | undefined {
  const match = RANGE.exec(text);
  if (match === null) return undefined;
  const [, start, operator, end] = match;
  const first = Number(start);
  const last = lastPort(first, operator, Number(end));
  return first <= last && last <= MAX_PORT ? { first, last } : undefined;
}

function lastPort(first: number, operator: string | undefined, end: number): number {
  if (operator === undefined) return first;
  return operator === '-' ? end : first + end;
}

/** Reads a range that must be one. @throws Fault `INVALID_PORT_RANGE` that quotes the text. */
export function requirePortRange(text: string): PortRange {
  const range = parsePortRange(text);
  if (range !== undefined) return range;
  throw new Fault({
    code: 'INVALID_PORT_RANGE',
    message: `${JSON.stringify(text)} is not a range of ports`,
    advice: 'Write FIRST-LAST with ports from 0 to 65535, for example 30000-32767.',
  });
}

/** `30000-32767`, or one port alone. */
export function formatPortRange(range: PortRange): string {
  return range.first === range.last ? `${range.first}` : `${range.first}-${range.last}`;
}

export function portRangeSize(range: PortRange): number {
  return range.last - range.first + 1;
}

export function containsPort(range: PortRange, port: number): boolean {
  return port >= range.first && port <= range.last;
}
