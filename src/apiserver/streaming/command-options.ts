import { badRequest } from '../../kube/index.ts';

/** `core/v1 PodExecOptions`; those of attach are the same without a command. */
export interface CommandOptions {
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** @throws ApiError BadRequest, in the API server's words, for an exec without a command or without any stream. */
export function parseCommandOptions(
  kind: 'exec' | 'attach',
  query: URLSearchParams,
): CommandOptions {
  const tty = flag(query, 'tty');
  const options = {
    container: query.get('container') ?? '',
    command: query.getAll('command'),
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    // A terminal has one output; the kubelet drops the wish for the other one too.
    stderr: flag(query, 'stderr') && !tty,
    tty,
  };
  if (kind === 'exec' && options.command.length === 0) {
    throw badRequest('you must specify at least one command for the container');
  }
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  return options;
}

/** As apimachinery converts query parameters: there is true, unless it says `false` or `0`. */
function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)?.toLowerCase();
  return value !== undefined && value !== 'false' && value !== '0';
}
