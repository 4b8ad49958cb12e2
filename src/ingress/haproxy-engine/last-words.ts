/** How a process ended, as Node tells it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What HAProxy writes before each of its messages: `[ALERT]    (4711) : `. */
const head = /^\[[A-Z]+\]\s+\(\d+\) : /u;

/**
 * Why a process of HAProxy ended, in one line: its alerts, else its signal or exit code, else the last that it said. It
 * says much besides: two lines for every server that comes.
 */
export function lastWords(said: string, { code, signal }: Ending): string {
  const lines = said.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '');
  const alerts = told.filter((line) => line.startsWith('[ALERT]'));
  if (alerts.length > 0) return alerts.map((line) => line.replace(head, '')).join('; ');
  if (signal !== null) return `killed by ${signal}`;
  const last = told.at(-1)?.replace(head, '') ?? 'it said nothing';
  return code === null || code === 0 ? last : `exit code ${code}`;
}
