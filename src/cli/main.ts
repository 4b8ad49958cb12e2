import { CommanderError } from 'commander';
import { Fault } from '../fault/index.ts';
import { clusterNames } from './clusters.ts';
import { exitCode } from './exit-code.ts';
import { hintFor } from './hints.ts';
import { printFailure } from './output.ts';
import { createProgram } from './program.ts';

/** Words that a verb itself could not read: as wrong as an option that there is not. */
const misunderstood = new Set([
  'PLACE_NOT_UNDERSTOOD',
  'POLICY_NOT_UNDERSTOOD',
  'PORTS_NOT_UNDERSTOOD',
  'PORT_NEEDED',
  'OPTION_MISPLACED',
  'UNKNOWN_ADDON',
]);

/** `portolan logs | head` is no failure: whoever read has read enough. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  const words = process.argv.slice(2);
  const program = await createProgram(words);
  if (words.length === 0) program.outputHelp();
  else await program.parseAsync(words, { from: 'user' });
} catch (error) {
  if (!(error instanceof CommanderError)) {
    printFailure(error);
    const isUsage = error instanceof Fault && misunderstood.has(error.code);
    process.exitCode = isUsage ? exitCode.usage : exitCode.failure;
  } else if (error.exitCode !== 0) {
    process.exitCode = exitCode.usage;
    const hint = hintFor(error, process.argv.slice(2), { clusters: clusterNames });
    if (hint !== undefined) process.stderr.write(`${hint}\n`);
  }
}
