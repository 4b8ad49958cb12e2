import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { families } from '../annotations/families.ts';
import { refused } from '../annotations/unhonoured.ts';
import { findingCodes, requestReasons } from '../codes.ts';

// Writes the tables of docs/ingress.md out of what reads annotations: run it after a change of these.

export const ingressPage = join(import.meta.dirname, '../../../docs/ingress.md');

type Rows = Readonly<Record<string, string>>;

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers, headers.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function listed(headers: readonly string[], rows: Rows): string {
  return table(
    headers,
    Object.entries(rows).map(([name, text]) => [`\`${name}\``, text]),
  );
}

function honouredTables(): string {
  return Object.entries(families)
    .map(([title, { honours }]) => `### ${title}\n\n${listed(['annotation', 'here'], honours)}`)
    .join('\n\n');
}

/** Annotations of one reason stand together. */
function refusedTable(): string {
  const byReason = Map.groupBy(Object.entries(refused), ([, why]) => why);
  const rows = Array.from(byReason, ([why, entries]) => [
    entries.map(([name]) => `\`${name}\``).join(', '),
    why,
  ]);
  return table(['annotation', 'why not'], rows);
}

const tables: Readonly<Record<string, () => string>> = {
  honoured: honouredTables,
  refused: refusedTable,
  findings: () => listed(['code', 'what it says'], findingCodes),
  reasons: () => listed(['reason', 'what became of the request'], requestReasons),
};

/** A page with its tables made anew: each stands between `<!-- NAME -->` and `<!-- end -->`. @throws Error */
export function withTables(page: string): string {
  return Object.entries(tables).reduce((text, [name, make]) => {
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`, 'u');
    if (!place.test(text)) throw new Error(`docs/ingress.md has no place for the table "${name}"`);
    return text.replace(
      place,
      (_all, begin: string, end: string) => `${begin}\n${make()}\n\n${end}`,
    );
  }, page);
}

if (import.meta.main) {
  writeFileSync(ingressPage, withTables(readFileSync(ingressPage, 'utf8')));
}
