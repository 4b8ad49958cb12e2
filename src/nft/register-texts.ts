import { dataTypes, type DataTypeName } from './datatype.ts';
import type { NftFamily } from './protocol-family.ts';
import { wordOf, wordsFor } from './register.ts';
import type { SetDefinition } from './set.ts';

/** What a register holds, as text: `ip daddr`, and how its values print. */
export interface RegisterText {
  readonly text: string;
  readonly type?: DataTypeName;
  /** Length when there is no type. */
  readonly bytes?: number;
  /** A mask applied to the value, for `ip saddr 10.0.0.0/8` and flags. */
  readonly mask?: Buffer;
  /** The value itself, when it is a constant. */
  readonly constant?: Buffer;
  /** The value stands in the other byte order than its type's. */
  readonly swapped?: boolean;
}

/** The registers that an address translation takes its target from. */
interface NatTarget {
  readonly address?: number;
  readonly port?: number;
}

/** The value under its mask, as an operand: a match alone may print as a prefix. */
function maskedText({ text, type, mask }: RegisterText): string {
  if (mask === undefined) return text;
  const value =
    type === undefined
      ? `0x${mask.toString('hex')}`
      : dataTypes[type].text(dataTypes[type].read(mask));
  return `${text} & ${value}`;
}

function wordCount({ type, bytes }: RegisterText): number {
  return wordsFor(bytes ?? (type === undefined ? 4 : dataTypes[type].bytes));
}

/** Follows a rule's registers while it prints: what `nft list` does to turn expressions back into statements. */
export class RegisterTexts {
  readonly family: NftFamily;
  readonly sets: ReadonlyMap<string, SetDefinition>;
  private readonly words = new Map<number, RegisterText>();

  constructor(family: NftFamily, sets: ReadonlyMap<string, SetDefinition>) {
    this.family = family;
    this.sets = sets;
  }

  load(register: number, loaded: RegisterText): void {
    this.words.set(wordOf(register), loaded);
  }

  /** What the register holds; an unknown one prints as nft prints it in debug output. */
  get(register: number): RegisterText {
    return this.words.get(wordOf(register)) ?? { text: `reg ${register}` };
  }

  /** The register's value as it prints where a `type` is assigned. */
  assigned(register: number, type: DataTypeName | undefined): string {
    const { text, constant } = this.get(register);
    if (constant === undefined || type === undefined) return text;
    return dataTypes[type].text(dataTypes[type].read(constant));
  }

  /** `ip ` where the table's family does not say it. */
  natFamily(nat: NatTarget & { readonly family: string }): string {
    return this.family === 'inet' || this.isOneAnswer(nat) ? `${nat.family} ` : '';
  }

  /** True when one map answered the whole target, or the address is all of it. */
  isOneAnswer({ address, port }: NatTarget): boolean {
    return this.isMapped(address) && !this.isMapped(port);
  }

  private isMapped(register: number | undefined): boolean {
    return register !== undefined && this.get(register).text.includes(' map @');
  }

  /** The texts of neighbouring registers that make a key of `count` fields, joined with ` . `. */
  concatenation(register: number, count: number): string {
    const texts: string[] = [];
    let word = wordOf(register);
    for (let field = 0; field < count; field += 1) {
      const part = this.words.get(word) ?? { text: `reg ${word}` };
      texts.push(maskedText(part));
      word += wordCount(part);
    }
    return texts.join(' . ');
  }
}
