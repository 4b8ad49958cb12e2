import { elementKey, type Element, type Ruleset, type SetContents } from '../../nft/index.ts';
import { setsOf } from '../layout.ts';

type Table = Ruleset[number];

/** Its marks are what they say. */
const WITH_PREFIX_LENGTHS = setsOf('ip').sourceRanges.name;

/**
 * A ruleset that compares: order means nothing in sets and little in chains, and the numbers of shapes, ServicePorts
 * and endpoints are arbitrary: each is exchanged for what it stands for.
 */
export function normal(ruleset: Ruleset): unknown {
  return ruleset.map((table) => {
    const names = namesOfNumbers(table);
    return {
      table: table.table,
      sets: table.sets.map(({ definition, elements }) => [
        definition.name,
        elements.map((element) => elementText(definition, element, names)).sort(),
      ]),
      chains: table.chains
        .map(
          ({ chain, rules }) => [chain.name, rules.map(({ expressions }) => expressions)] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    };
  });
}

function elementText(
  { name, key, data }: SetContents['definition'],
  element: Element,
  names: ReadonlyMap<number, string>,
): string {
  const named = (
    types: readonly string[],
    values: readonly (string | number)[] | undefined,
  ): unknown =>
    values?.map((value, index) =>
      types[index] === 'mark' && name !== WITH_PREFIX_LENGTHS ? names.get(Number(value)) : value,
    );
  return JSON.stringify([
    named(key, element.key),
    element.keyEnd,
    typeof data === 'string' ? element.verdict : named(data ?? [], element.data),
  ]);
}

/** A shape by its chain, an endpoint by the first slot it is in, a ServicePort by the first of its frontends. */
function namesOfNumbers({ sets }: Table): Map<number, string> {
  const elements = (name: string): Element[] =>
    [...(sets.find(({ definition }) => definition.name === name)?.elements ?? [])].sort((a, b) =>
      elementKey(a) < elementKey(b) ? -1 : 1,
    );
  const names = new Map<number, string>();
  for (const { key, verdict } of elements('shapes')) {
    names.set(Number(key[0]), JSON.stringify(verdict));
  }
  for (const set of ['session-slots', 'session-ports']) {
    for (const element of elements(set)) {
      const number = Number(element.data?.[0]);
      if (!names.has(number)) names.set(number, `${set} ${elementKey(element)}`);
    }
  }
  return names;
}
