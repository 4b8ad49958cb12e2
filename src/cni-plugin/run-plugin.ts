import { CNI_CODE, CniError } from '../cni/index.ts';
import { Fault, messageOf } from '../fault/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { add, check, collect, remove, status, withTools, type Tools } from './operations.ts';
import { readCommand, readRequest, supportedVersions, type Command } from './request.ts';

/** What a plugin leaves behind: a text for its standard output, and its exit code. */
export interface Answer {
  readonly code: 0 | 1;
  readonly output: string;
}

const operations: Readonly<
  Record<Exclude<Command, 'VERSION'>, (tools: Tools) => Promise<unknown>>
> = {
  ADD: add,
  DEL: remove,
  CHECK: check,
  GC: collect,
  STATUS: status,
};

/** The newest version, which errors are written in as long as nobody knows the runtime's. */
const NEWEST = supportedVersions[supportedVersions.length - 1] ?? '';

function versionIn(text: string): string {
  try {
    const { cniVersion } = JSON.parse(text) as { cniVersion?: unknown };
    return supportedVersions.find((known) => known === cniVersion) ?? NEWEST;
  } catch {
    // Without a configuration (VERSION) or with a broken one.
    return NEWEST;
  }
}

/** Whatever failed, in a form that a runtime understands. */
function asCniError(error: unknown): CniError {
  if (error instanceof CniError) return error;
  const isGone = error instanceof Fault && error.code === 'NAMESPACE_NOT_FOUND';
  return new CniError({
    number: isGone ? CNI_CODE.unknownContainer : CNI_CODE.other,
    message: messageOf(error),
    cause: error,
  });
}

async function answer(env: NodeJS.ProcessEnv, text: string, open: () => Kernel): Promise<unknown> {
  const command = readCommand(env);
  if (command === 'VERSION') return { cniVersion: versionIn(text), supportedVersions };
  const request = readRequest(command, env, text);
  return withTools(open(), request, operations[command]);
}

/**
 * Does what a runtime asks by the specification's protocol.
 * @param open gives the kernel, once the request is seen to be one
 */
export async function runPlugin(
  env: NodeJS.ProcessEnv,
  text: string,
  open: () => Kernel,
): Promise<Answer> {
  try {
    const result = await answer(env, text, open);
    return { code: 0, output: result === undefined ? '' : `${JSON.stringify(result)}\n` };
  } catch (error) {
    const cniError = asCniError(error);
    return { code: 1, output: `${JSON.stringify(cniError.toResult(versionIn(text)))}\n` };
  }
}
