import type { Command } from 'commander';

/** One verb: a file of its own in commands/, which adds itself to the program. */
export interface CommandModule {
  register(program: Command): void;
}

/** What every verb takes. */
export interface CommonOptions {
  readonly name: string;
}

export const DEFAULT_NAME = 'portolan';

/** A verb that takes `--name`. */
export function addVerb(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--name <name>', 'the cluster', DEFAULT_NAME);
}

/** `portolan start --name x`, or without `--name` for the default cluster: for advice that can be typed as it is. */
export function commandLine(verb: string, name: string): string {
  return name === DEFAULT_NAME ? `portolan ${verb}` : `portolan ${verb} --name ${name}`;
}
