import type { Cell, Matrix } from './contract.ts';

/** The forms that a matrix is printed in, besides JSON. */
export const matrixFormats: Readonly<Record<string, (matrix: Matrix) => string>> = {
  table: tableText,
  csv: csvText,
  dot: dotText,
  mermaid: mermaidText,
};

/** `yes`, `no`, or the ports that are admitted of several. */
function cellText(cells: readonly Cell[]): string {
  const admitted = cells.filter(({ admits }) => admits);
  if (cells.length === 0) return '';
  if (admitted.length === cells.length) return 'yes';
  return admitted.length === 0 ? 'no' : admitted.map(({ port }) => port).join(',');
}

function byPair({ cells }: Matrix): Map<string, Cell[]> {
  return Map.groupBy(cells, ({ from, to }) => `${from} ${to}`);
}

/** Sources down, destinations across. */
function tableText(matrix: Matrix): string {
  const names = matrix.subjects.map(({ name }) => name);
  const pairs = byPair(matrix);
  const rows = [
    ['FROM \\ TO', ...names],
    ...names.map((from) => [
      from,
      ...names.map((to) => cellText(pairs.get(`${from} ${to}`) ?? [])),
    ]),
  ];
  const widths = names.concat('').map((_, column) => {
    return Math.max(...rows.map((row) => (row[column] ?? '').length));
  });
  const asked = [...new Set(matrix.cells.map(({ port }) => port))].join(', ');
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
      .join('')
      .trimEnd(),
  );
  return [...lines, '', `ports: ${asked}`].join('\n');
}

/** RFC 4180 quotes what has a comma or a quote. */
function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText({ cells }: Matrix): string {
  const rows = cells.map(({ from, to, port, admits }) => [from, to, port, String(admits)]);
  return [['from', 'to', 'port', 'admits'], ...rows]
    .map((row) => row.map(quoted).join(','))
    .join('\n');
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** What is admitted between two; who reaches itself is no news. */
function edgesOf(matrix: Matrix): Edge[] {
  return [...byPair(matrix).values()].flatMap((cells) => {
    const admitted = cells.filter(({ admits }) => admits);
    const [first] = admitted;
    if (first === undefined || first.from === first.to) return [];
    return [{ from: first.from, to: first.to, label: admitted.map(({ port }) => port).join(', ') }];
  });
}

/** For Graphviz. */
function dotText(matrix: Matrix): string {
  const name = (text: string): string => JSON.stringify(text);
  return [
    'digraph admitted {',
    '  rankdir=LR;',
    ...matrix.subjects.map((subject) => `  ${name(subject.name)};`),
    ...edgesOf(matrix).map(
      ({ from, to, label }) => `  ${name(from)} -> ${name(to)} [label=${name(label)}];`,
    ),
    '}',
  ].join('\n');
}

/** For Markdown pages that draw Mermaid. */
function mermaidText(matrix: Matrix): string {
  const ids = new Map(matrix.subjects.map(({ name }, at) => [name, `n${at}`]));
  return [
    'flowchart LR',
    ...matrix.subjects.map(({ name }) => `  ${ids.get(name)}["${name}"]`),
    ...edgesOf(matrix).map(
      ({ from, to, label }) => `  ${ids.get(from)} -->|"${label}"| ${ids.get(to)}`,
    ),
  ].join('\n');
}
