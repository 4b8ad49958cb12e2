import type { Chain } from './chain.ts';
import type { Element } from './element.ts';
import type { NamedCounter } from './named-counter.ts';
import type { Rule } from './rule.ts';
import type { SetDefinition } from './set.ts';
import type { Table } from './table.ts';

/**
 * One change of a ruleset, as plain data; the kinds are nft's own commands. `add` of something that is there already
 * and equal is no error, except for rules, which are appended. `delete table` takes all its content along; a chain or
 * set must be empty of references to be deleted.
 */
export type Operation =
  | { readonly kind: 'add table' | 'delete table'; readonly table: Table }
  | { readonly kind: 'add chain' | 'delete chain' | 'flush chain'; readonly chain: Chain }
  | { readonly kind: 'add rule' | 'insert rule' | 'replace rule'; readonly rule: Rule }
  | { readonly kind: 'delete rule'; readonly rule: Rule }
  | { readonly kind: 'add set' | 'delete set' | 'flush set'; readonly set: SetDefinition }
  | {
      readonly kind: 'add element' | 'delete element';
      readonly set: SetDefinition;
      readonly elements: readonly Element[];
    }
  | { readonly kind: 'add counter' | 'delete counter'; readonly counter: NamedCounter };
