import { CommanderError } from 'commander';
import { exitCode } from './exit-code.ts';
import { printFailure } from './output.ts';
import { createProgram } from './program.ts';

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
    process.exitCode = exitCode.failure;
  } else if (error.exitCode !== 0) process.exitCode = exitCode.usage;
}
