import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Fault } from '../../fault/index.ts';

/** How long one request to runc or conmon may take: the kubelet's `--runtime-request-timeout`. */
export const requestLimitMs = 120_000;

/** runc over one state directory. */
export interface Runc {
  /** Arguments that stand before every command. */
  readonly globalArguments: readonly string[];
  /** Absolute: conmon does not search. */
  readonly path: string;
  /** Runs a command to its end. @throws Fault `RUNC_FAILED` with runc's own words, or when it takes too long. */
  run(...command: string[]): Promise<void>;
}

export function createRunc(options: {
  readonly state: string;
  readonly isRootless: boolean;
  readonly limitMs?: number;
}): Runc {
  const { limitMs = requestLimitMs } = options;
  const path = findProgram('runc');
  // Rootless only means here: do not insist on cgroups that this machine does not let us make.
  const globalArguments = [
    ...(options.isRootless ? ['--rootless=true'] : []),
    '--root',
    options.state,
  ];
  const run = (...command: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const limit = { timeout: limitMs, killSignal: 'SIGKILL' } as const;
      execFile(path, [...globalArguments, ...command], limit, (error, _stdout, stderr) => {
        const late = `did not end within ${limitMs / 1000} s, and was killed`;
        if (error === null) resolve();
        else if (error.killed === true) reject(runcFault(command.join(' '), late));
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
    const entry = parsed(line) as { readonly level?: string; readonly msg?: string } | undefined;
    return entry?.level === 'error' ? entry.msg : undefined;
  }
  const quoted = /level=(?:error|fatal) msg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return quoted === undefined ? undefined : ((parsed(jsonQuoted(quoted)) ?? quoted) as string);
}

/** Go's quoting has escapes that JSON lacks (strconv.Quote): `\a`, `\v`, and bytes as `\xNN`. */
function jsonQuoted(text: string): string {
  return text.replaceAll(/\\(?:x([0-9a-f]{2})|U[0-9a-f]{8}|.)/g, (escape, byte?: string) => {
    if (byte !== undefined) return `\\u00${byte}`;
    if (escape.startsWith('\\U')) return String.fromCodePoint(Number.parseInt(escape.slice(2), 16));
    return { '\\a': '\\u0007', '\\v': '\\u000b' }[escape] ?? escape;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A line that only looks like runc's: the whole output is told then.
    return undefined;
  }
}
