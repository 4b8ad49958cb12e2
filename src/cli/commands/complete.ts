import type { Command } from 'commander';
import { clusterDirectories, findDirectories, readRecord } from '../../cluster/index.ts';
import { clusterNames } from '../clusters.ts';
import { candidates } from '../complete.ts';
import { print } from '../output.ts';
import { createProgram } from '../program.ts';

const world = {
  clusters: clusterNames,
  nodes: (name: string) =>
    readRecord(clusterDirectories(findDirectories(process.env), name))?.nodes ?? [],
};

/** For the scripts of `completion`: prints each candidate with its description behind a tab. */
export function register(program: Command): void {
  program
    .command('complete [words...]', { hidden: true })
    .helpOption(false)
    .action(async (words: string[]) => {
      const found = candidates(await createProgram(words.slice(0, -1)), words, world);
      if (found.length > 0)
        print(found.map(({ word, description }) => `${word}\t${description}`).join('\n'));
    });
}
