import { formatAddress, requireAddress, requireCidr } from '../../ip/index.ts';
import type { NetworkPolicy, Pod } from '../../kube/index.ts';
import type { Entry } from '../compiled.ts';
import { PolicyCompiler } from '../tables/policy-compiler.ts';
import { isApi, isWeb } from './cast.ts';
import { policyOf } from './objects.ts';
import { TableJudge } from './table-judge.ts';

const podRanges = [requireCidr('10.244.0.0/16'), requireCidr('fd00:10:244::/56')];
/** Lets pods app=api, and nobody else, into pods app=web. */
export const onlyApi = policyOf('p', {
  podSelector: isWeb,
  ingress: [{ from: [{ podSelector: isApi }] }],
});

/** A compiler that has told all there is of these. */
export function compilerOf(pods: readonly Pod[], policies: readonly NetworkPolicy[] = [onlyApi]) {
  const compiler = new PolicyCompiler({ podRanges });
  for (const pod of pods) compiler.setPod(pod);
  for (const policy of policies) compiler.setPolicy(policy);
  compiler.drain();
  return compiler;
}

/** Whether TCP 80 passes, by everything the compiler has. */
export function admits(compiler: PolicyCompiler, source: string, destination: string): boolean {
  return new TableJudge(compiler.full()).admits({
    source: requireAddress(source),
    destination: requireAddress(destination),
    protocol: 6,
    port: 80,
  });
}

/** The changed entries, but for numbers. */
export function changesOf(compiler: PolicyCompiler): string[] {
  const { removed, added } = compiler.drain();
  return [
    ...removed.map((entry) => `-${textOf(entry)}`),
    ...added.map((entry) => `+${textOf(entry)}`),
  ];
}

/** Table and addresses. */
export function textOf(entry: Entry): string {
  switch (entry.table) {
    case 'classes':
      return `classes ${formatAddress(entry.address)}`;
    case 'blocks':
      return `blocks ${formatAddress(entry.first)}-${formatAddress(entry.last)}`;
    default:
      return entry.table;
  }
}

/** All entries of one table. */
export function tableOf<T extends Entry['table']>(compiler: PolicyCompiler, table: T) {
  return compiler
    .full()
    .filter((entry): entry is Extract<Entry, { table: T }> => entry.table === table);
}
