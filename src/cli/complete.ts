import type { Command, Option } from 'commander';
import { DEFAULT_NAME } from '../cluster/index.ts';

/** One word that may come next. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What is on this machine, for the words that no program text knows. */
export interface CompletionWorld {
  clusters(): readonly string[];
  /** Of a cluster; none when there is no such cluster. */
  nodes(cluster: string): readonly string[];
}

function plain(words: readonly string[], description = ''): Candidate[] {
  return words.map((word) => ({ word, description }));
}

/** The cluster that the words so far mean. */
function clusterIn(words: readonly string[]): string {
  return words[words.indexOf('--name') + 1 || words.length] ?? DEFAULT_NAME;
}

function valuesOf(option: Option, words: readonly string[], world: CompletionWorld): Candidate[] {
  if (option.long === '--name') return plain(world.clusters(), 'cluster');
  if (option.long === '--node') return plain(world.nodes(clusterIn(words)), 'node');
  return plain(option.argChoices ?? []);
}

function argumentsOf(
  command: Command,
  words: readonly string[],
  world: CompletionWorld,
): Candidate[] {
  const [first] = command.registeredArguments;
  const isFirst = words.every((word) => word.startsWith('-'));
  if (first === undefined || !isFirst) return [];
  if (first.name() !== 'where') return plain(first.argChoices ?? []);
  return [
    ...plain(world.nodes(clusterIn(words)), 'node'),
    { word: 'outside', description: 'the outside world' },
  ];
}

function candidatesFor(
  command: Command,
  words: readonly string[],
  world: CompletionWorld,
): Candidate[] {
  const [first, ...rest] = words;
  const inner = command.commands.find(
    (one) => first !== undefined && [one.name(), ...one.aliases()].includes(first),
  );
  if (inner !== undefined && rest.length > 0) return candidatesFor(inner, rest, world);
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  // What comes after `--` is another program's.
  if (before.includes('--')) return [];
  const last = before.at(-1);
  const option = command.options.find(({ long, short }) => last === long || last === short);
  if (last !== undefined && option?.required === true) return valuesOf(option, before, world);
  if (current.startsWith('-')) {
    return command.options.flatMap(({ long, description }) =>
      long === undefined ? [] : [{ word: long, description }],
    );
  }
  if (command.commands.length === 0) return argumentsOf(command, before, world);
  return command.commands.map((one) => ({ word: one.name(), description: one.description() }));
}

/** What may stand in the place of the last of the words after `portolan`. */
export function candidates(
  program: Command,
  words: readonly string[],
  world: CompletionWorld,
): Candidate[] {
  const current = words.at(-1) ?? '';
  return candidatesFor(program, words, world).filter(({ word }) => word.startsWith(current));
}
