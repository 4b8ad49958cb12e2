import type { Change, Detail, End, Hop, LiveOutcome, Path, Story } from './contract.ts';

function padded(rows: readonly (readonly string[])[]): string[][] {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => (row[column] ?? '').length));
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width(column)))),
  );
}

function placed({ sentence, source }: Detail): string {
  return source === undefined ? sentence : `${sentence} (${source})`;
}

function hopLines(hops: readonly Hop[]): string[] {
  const heads = padded(hops.map(({ step, outcome, reason }) => [step, outcome, reason, '']));
  return hops.flatMap((hop, at) => {
    const head = (heads[at] ?? []).join('  ');
    const indent = ' '.repeat(head.length + 2);
    return [
      `  ${head}${placed(hop)}`,
      ...hop.details.map((detail) => `${indent}- ${placed(detail)}`),
    ];
  });
}

function endText({ name, address, port }: End): string {
  const at = address === undefined || name === address ? '' : ` (${address})`;
  return `${name}${at}${port === undefined ? '' : ` port ${port}`}`;
}

/** No more of those of which the same holds are named. */
const SHOWN = 4;

function alikeLines({ alike }: Path): string[] {
  if (alike.length === 0) return [];
  const shown = alike
    .slice(0, SHOWN)
    .map(({ source, destination }) =>
      destination === undefined ? source : `${source} -> ${destination}`,
    );
  const more = alike.length > SHOWN ? `, and ${alike.length - SHOWN} more` : '';
  return [`  the same: ${shown.join(', ')}${more}`];
}

function pathLines(path: Path, to: string): string[] {
  const { source, destination } = path;
  const end = destination === undefined ? to : endText(destination);
  return [`${endText(source)} -> ${end}`, ...hopLines(path.hops), ...alikeLines(path), ''];
}

function changeLines({ sentences, manifest, admits, remaining }: Change): string[] {
  const outcome = admits
    ? 'judged again with it: admits'
    : 'judged again with it: still does not admit';
  return [
    '',
    `the smallest change (${outcome}):`,
    ...sentences.map((sentence) => `  ${sentence}`),
    ...remaining.slice(0, SHOWN).map((sentence) => `  what is left: ${sentence}`),
    '',
    ...manifest
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`.trimEnd()),
  ];
}

function liveLine({ source, target, observed, agrees }: LiveOutcome): string {
  const words = agrees ? 'as told' : 'NOT AS TOLD';
  return `live: ${source} -> ${target}: ${observed}, ${words}`;
}

/** A story for people: a block for each way, the verdict, what would admit it. */
export function storyText(story: Story): string {
  const { paths, verdict, change, live = [], notes, to } = story;
  const isMismatch = live.some(({ agrees }) => !agrees);
  const shout = isMismatch
    ? ['MISMATCH: the network does not do what the objects say. One of them is wrong:', '']
    : [];
  return [
    ...shout,
    ...paths.flatMap((path) => pathLines(path, to)),
    verdict,
    ...live.map(liveLine),
    ...notes.map((note) => `note: ${note}`),
    ...(change === undefined ? [] : changeLines(change)),
  ].join('\n');
}
