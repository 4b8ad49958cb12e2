import { Fault } from '../fault/index.ts';
import { errnoName, type Acknowledgement } from '../netlink/index.ts';

/** One message of a batch that the kernel refused. */
export interface Refusal {
  /** Position in the operations that were committed; -1 when the refusal is of the batch as a whole. */
  readonly index: number;
  /** The nft command of the operation, narrowed to the element at fault where the kernel says which. */
  readonly command: string;
  /** `EEXIST`, `ENOENT`, ... */
  readonly errno: string;
  /** The kernel's own words, empty when it gave none. */
  readonly kernelMessage: string;
}

export function refusalOf(
  index: number,
  command: string,
  acknowledgement: Acknowledgement,
): Refusal {
  const { errno, kernelMessage = '' } = acknowledgement;
  const name = errno === ERESTART ? 'ERESTART' : errnoName(errno);
  return { index, command, errno: name, kernelMessage };
}

/** Not an errno of POSIX: the kernel's word for "start over" (include/linux/errno.h). */
const ERESTART = 85;

function sentence({ index, command, errno, kernelMessage }: Refusal): string {
  const words = kernelMessage === '' ? '' : ` (${kernelMessage})`;
  return `${index === -1 ? '' : `operation ${index}, `}${command}: ${errno}${words}`;
}

/** Nothing of a batch was applied: code `NFT_REFUSED`. Every message that the kernel refused is listed. */
export class NftRefused extends Fault {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[], size: number) {
    super({
      code: 'NFT_REFUSED',
      message: `the kernel refused a batch of ${size} nf_tables operations: ${refusals.map(sentence).join('; ')}`,
      advice:
        'Nothing of the batch was applied; list the ruleset and compare it with what was expected.',
    });
    this.name = 'NftRefused';
    this.refusals = refusals;
  }

  /** True when the ruleset had changed since the generation that the batch was made for. */
  get isStale(): boolean {
    return this.refusals.some(({ index, errno }) => index === -1 && errno === 'ERESTART');
  }
}
