import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Fault } from '../../fault/index.ts';

/** runc over one state directory. */
export interface Runc {
  /** Arguments that stand before every command. */
  readonly globalArguments: readonly string[];
  /** Absolute: conmon does not search. */
  readonly path: string;
  /** Runs a command to its end. @throws Fault `RUNC_FAILED` with runc's own words. */
  run(...command: string[]): Promise<void>;
}

export function createRunc(options: {
  readonly state: string;
  readonly isRootless: boolean;
}): Runc {
  const path = findProgram('runc');
  // Rootless only means here: do not insist on cgroups that this machine does not let us make.
  const globalArguments = [
    ...(options.isRootless ? ['--rootless=true'] : []),
    '--root',
    options.state,
  ];
  const run = (...command: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      execFile(path, [...globalArguments, ...command], (error, _stdout, stderr) => {
        if (error === null) resolve();
        else reject(runcFault(command.join(' '), stderr === '' ? error.message : stderr));
      });
    });
  return { globalArguments, path, run };
}

/** Where Debian puts programs that only root runs: not on the PATH of every shell. */
const systemFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** The absolute path of a program. @throws Fault `PROGRAM_MISSING` */
function findProgram(name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Fault({
    code: 'PROGRAM_MISSING',
    message: `there is no ${name} on this machine`,
    advice: `Install it, on Debian with \`apt-get install ${name}\`.`,
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not for us: the next folder is asked.
    return false;
  }
}

function runcFault(command: string, output: string): Fault {
  return new Fault({
    code: 'RUNC_FAILED',
    message: `runc ${command}: ${runcMessage(output)}`,
    advice: 'Run `portolan doctor` to see what containers need on this machine.',
  });
}

/**
 * The message in what runc prints: either `time="..." level=error msg="..."` in logfmt, or JSON lines with `msg`, or
 * plain text. The last error wins.
 */
export function runcMessage(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.map(lineMessage).filter((message) => message !== undefined);
  return errors.at(-1) ?? lines.join(' ');
}

function lineMessage(line: string): string | undefined {
  if (line.startsWith('{')) {
    const entry = JSON.parse(line) as { readonly level?: string; readonly msg?: string };
    return entry.level === 'error' ? entry.msg : undefined;
  }
  const quoted = /level=(?:error|fatal) msg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
}
