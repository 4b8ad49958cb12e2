import type { Command } from 'commander';
import { DEFAULT_NAME } from '../cluster/index.ts';

/** One verb: a file of its own in commands/, which adds itself to the program. */
export interface CommandModule {
  register(program: Command): void;
}

/** What every verb takes. */
export interface CommonOptions {
  readonly name: string;
}

/** `--name`, which every verb takes. */
export function takeName(command: Command): Command {
  return command.option('--name <name>', 'the cluster', DEFAULT_NAME);
}

/** The cluster that a verb of a verb means: `--name` may stand behind either of them. */
export function nameOf(command: Command): string {
  const isOwn = command.getOptionValueSource('name') === 'cli';
  const { name } = (isOwn ? command : (command.parent ?? command)).opts<CommonOptions>();
  return name;
}

/** Text below the options of `--help`: command lines to copy, each with its comment. */
export function addExamples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText(
    'after',
    ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n'),
  );
}

/** A verb that takes `--name`. */
export function addVerb(program: Command, usage: string, description: string): Command {
  return takeName(program.command(usage).description(description));
}
