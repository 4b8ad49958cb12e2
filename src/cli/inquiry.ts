import type { Command } from 'commander';
import type { InquirySource } from '../cluster/index.ts';
import type { CommonOptions } from './command.ts';
import { directoriesOf, requireRecord } from './clusters.ts';

/** The flags of all verbs that ask about objects. */
export interface SourceFlags extends CommonOptions {
  readonly namespace?: string;
  readonly filename?: readonly string[];
  readonly with?: readonly string[];
  readonly context?: string;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** `-f`, `--with`, `--context` and `-n`. */
export function addSource(verb: Command): Command {
  return verb
    .option('-n, --namespace <namespace>', 'of what names none')
    .option(
      '-f, --filename <path>',
      'manifests instead of a cluster: a file, a folder, a kustomization, - (repeatable)',
      collect,
    )
    .option('--with <path>', 'manifests taken as applied on top (repeatable)', collect)
    .option('--context <context>', "another cluster, by kubectl's context");
}

/** Which objects the flags mean. @throws Fault `NO_SUCH_CLUSTER` when they mean a cluster that is not there */
export function sourceOf(flags: SourceFlags): InquirySource {
  const { namespace, filename: files, with: changes, context, name } = flags;
  const directories = directoriesOf(name);
  if (files === undefined && context === undefined) requireRecord(directories);
  return {
    directories,
    ...(namespace === undefined ? {} : { namespace }),
    ...(files === undefined ? {} : { files }),
    ...(changes === undefined ? {} : { changes }),
    ...(context === undefined ? {} : { context }),
  };
}
