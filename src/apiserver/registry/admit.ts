import { apiVersionOf, type AnyObject } from '../../kube/index.ts';
import type { AdmissionRequest } from '../admission/contract.ts';
import type { Call, RegistryContext, Target } from './context.ts';

/** What a write did: the object to answer with, and whether it is in the store. */
export interface Written {
  readonly object: AnyObject;
  readonly isStored: boolean;
}

/** The part of an admission request that differs from write to write. */
export interface Admitting {
  readonly operation: AdmissionRequest['operation'];
  readonly target: Target;
  readonly call: Call;
  readonly subresource?: string;
  readonly object?: AnyObject;
  readonly previous?: AnyObject;
}

/** Asks admission, then writes, then tells the plugins how it went; `undefined` from `write` is a lost race. */
export async function writeAdmitted(
  context: RegistryContext,
  { operation, target, call, subresource = '', object, previous }: Admitting,
  write: () => Promise<Written | undefined>,
): Promise<AnyObject | undefined> {
  const outcome = await context.admission.admit({
    operation,
    kind: target.kind.definition,
    subresource,
    namespace: target.namespace,
    name: target.name,
    object,
    previous,
    dryRun: call.dryRun,
    user: call.user.name,
  });
  let written: Written | undefined;
  try {
    written = await write();
  } catch (error) {
    outcome.undo();
    throw error;
  }
  if (written?.isStored === true) outcome.done(written.object);
  else outcome.undo();
  if (written === undefined) return undefined;
  for (const text of outcome.warnings) call.warn(text);
  for (const text of await outcome.advise(written.object)) call.warn(text);
  return written.object;
}

/** The object as one version shows it: custom resources are stored once and served under several versions. */
export function presented(target: Pick<Target, 'kind'>, object: AnyObject): AnyObject {
  const apiVersion = apiVersionOf(target.kind.definition);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
