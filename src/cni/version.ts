import { CNI_CODE, CniError } from './cni-error.ts';

/** Versions of the specification whose results have the same fields, oldest first; 0.3 has no CHECK, 1.1 brought GC and STATUS. */
export const cniVersions = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

function numbers(version: string): readonly number[] {
  return version.split('.').map(Number);
}

/** Whether a version is another one or came after it. */
export function isAtLeast(version: string, other: string): boolean {
  const [theirs, ours] = [numbers(other), numbers(version)];
  for (const [position, number] of theirs.entries()) {
    const difference = (ours[position] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * The newest version that both sides know.
 * @throws CniError 1 when there is none.
 */
export function chooseVersion(offered: readonly string[], known: readonly string[]): string {
  const common = known.filter((version) => offered.includes(version));
  const newest = common.at(-1);
  if (newest !== undefined) return newest;
  throw new CniError({
    number: CNI_CODE.incompatibleVersion,
    message: 'incompatible CNI versions',
    details: `config is ${JSON.stringify(offered.join(', '))}, known are ${JSON.stringify(known)}`,
  });
}
