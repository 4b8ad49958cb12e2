import { elementText } from './element-text.ts';
import { expressionsText } from './expression.ts';
import type { Element } from './element.ts';
import type { Operation } from './operation.ts';
import { RegisterTexts } from './register-texts.ts';
import type { SetDefinition } from './set.ts';

/** How many elements a description shows before it only counts. */
const SHOWN_ELEMENTS = 3;

/** The operation as the nft command that would do it, for errors and logs. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case 'add table':
    case 'delete table':
      return `${operation.kind} ${operation.table.family} ${operation.table.name}`;
    case 'add chain':
    case 'delete chain':
    case 'flush chain':
      return `${operation.kind} ${place(operation.chain)} ${operation.chain.name}`;
    case 'add rule':
    case 'insert rule':
    case 'replace rule':
    case 'delete rule': {
      const { rule } = operation;
      const registers = new RegisterTexts(rule.family, new Map());
      return `${operation.kind} ${place(rule)} ${rule.chain} ${expressionsText(rule.expressions, registers)}`;
    }
    case 'add counter':
    case 'delete counter':
      return `${operation.kind} ${place(operation.counter)} ${operation.counter.name}`;
    case 'add element':
    case 'delete element':
      return elementsText(operation.kind, operation.set, operation.elements);
    default:
      return `${operation.kind} ${place(operation.set)} ${operation.set.name}`;
  }
}

function place({ family, table }: { readonly family: string; readonly table: string }): string {
  return `${family} ${table}`;
}

/** `add element ip portolan services { ... }`, long lists cut. */
export function elementsText(
  kind: 'add element' | 'delete element',
  set: SetDefinition,
  elements: readonly Element[],
): string {
  const shown = elements.slice(0, SHOWN_ELEMENTS).map((element) => elementText(set, element));
  const rest = elements.length - shown.length;
  const all = rest > 0 ? [...shown, `... ${rest} more`] : shown;
  return `${kind} ${place(set)} ${set.name} { ${all.join(', ')} }`;
}
