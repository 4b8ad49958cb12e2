import { spawn, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { CNI_CODE, CniError, readCniError } from '../../cni/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';

/** A plugin that takes longer hangs; the kubelet gives a sandbox two minutes too (`--runtime-request-timeout`). */
const LIMIT_MS = 120_000;

export interface PluginCall {
  readonly file: string;
  /** Where the plugin runs: the node's namespace. */
  readonly netns: NamespacePath;
  /** The `CNI_` variables; the rest is this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input: Readonly<Record<string, unknown>>;
  /** Milliseconds after which it is killed; two minutes when absent. */
  readonly limitMs?: number;
}

/** A child is born in the namespace of the thread that makes it. */
function start(kernel: Kernel, { file, netns, environment }: PluginCall): ChildProcess {
  const env = { ...process.env, ...environment };
  return kernel.inNamespace(netns, () => spawn(file, [], { env, stdio: 'pipe', cwd: '/' }));
}

/** Resolves with how a process ended: its exit code, or the signal that ended it. */
async function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

function failure(how: number | string, stdout: string, stderr: string): CniError {
  const answer = readCniError(stdout);
  if (answer !== undefined) return answer;
  const said = (stderr.trim() || stdout.trim()).slice(-1000);
  const ending = typeof how === 'number' ? `exit status ${how}` : `signal: ${how}`;
  return new CniError({
    number: CNI_CODE.other,
    message:
      said === ''
        ? `netplugin failed with no error message: ${ending}`
        : `netplugin failed: ${JSON.stringify(said)}: ${ending}`,
  });
}

/** Runs a plugin once. @returns what it printed. @throws CniError its own, or what became of it */
export async function callPlugin(kernel: Kernel, call: PluginCall): Promise<string> {
  const child = start(kernel, call);
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('no pipes');
  // Whoever ends before it has read its input says so by its exit code.
  stdin.on('error', () => {});
  const { file, input, limitMs = LIMIT_MS } = call;
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
    // What the plugin has started may hold them open, and goes on.
    stdout.destroy();
    stderr.destroy();
  }, limitMs);
  stdin.end(JSON.stringify(input));
  try {
    const [how, out, err] = await Promise.all([ended(child), text(stdout), text(stderr)]);
    if (how === 0) return out;
    throw failure(how, out, err);
  } catch (error) {
    if (error instanceof CniError && !isLate) throw error;
    const why = isLate ? `it did not end in ${limitMs / 1000} s` : messageOf(error);
    const message = `cannot run ${file}: ${why}`;
    throw new CniError({ number: CNI_CODE.ioFailure, message, cause: error });
  } finally {
    clearTimeout(limit);
  }
}
