import { isDeepStrictEqual } from 'node:util';
import type {
  Element,
  FieldValue,
  Nftables,
  Operation,
  Ruleset,
  SetDefinition,
  TableContents,
} from '../nft/index.ts';
import { setsOf, type PlanFamily, type Sets } from './layout.ts';
import { TABLE } from './settings.ts';

/** What reading sessions needs of nf_tables. */
export type SessionReader = Pick<Nftables, 'listTables' | 'listSets' | 'listElements'>;

/** Answers with the elements of one of our sets: those in the kernel, or those that are to be. */
type Contents = (pick: (sets: Sets) => SetDefinition) => readonly Element[];

/**
 * The operations that put the sessions of the tables in the kernel into those that are about to replace them, for the
 * time that they had left: each whose ServicePort and endpoint are still there. Numbers are a daemon's own, so
 * sessions are carried over by what their numbers stand for: addresses and ports.
 *
 * A session that begins between this and the commit is forgotten.
 */
export function adoptSessions(reader: SessionReader, next: Ruleset): Operation[] {
  const tables = reader.listTables().filter(({ name }) => name === TABLE);
  return (['ip', 'ip6'] as const).flatMap((family): Operation[] => {
    const table = tables.find((found) => found.family === family);
    const successor = next.find((found) => found.table.family === family);
    if (table === undefined || successor === undefined) return [];
    const definitions = reader.listSets(table);
    const previous: Contents = (pick) => {
      const wanted = pick(setsOf(family));
      const found = definitions.find(({ name }) => name === wanted.name);
      // Another version's set may mean something else.
      return found !== undefined && isSameType(found, wanted) ? reader.listElements(wanted) : [];
    };
    const elements = carryOver(previous, contentsOf(successor, family));
    const set = setsOf(family).sessions;
    return elements.length === 0 ? [] : [{ kind: 'add element', set, elements }];
  });
}

function isSameType(found: SetDefinition, wanted: SetDefinition): boolean {
  return isDeepStrictEqual([found.key, found.data], [wanted.key, wanted.data]);
}

function contentsOf({ sets }: TableContents, family: PlanFamily): Contents {
  return (pick) => {
    const wanted = pick(setsOf(family)).name;
    return sets.find(({ definition }) => definition.name === wanted)?.elements ?? [];
  };
}

/** The sessions under their new numbers. */
function carryOver(previous: Contents, next: Contents): Element[] {
  const sessions = previous(({ sessions }) => sessions);
  if (sessions.length === 0) return [];
  const portOf = portNumbers(previous, next);
  const targetOf = endpointTexts(previous);
  const endpointOf = endpointNumbers(next);
  return sessions.flatMap(({ key: [port, client], data, timeout, expires = 0 }): Element[] => {
    const newPort = portOf.get(port);
    const endpoint = endpointOf.get(`${newPort} ${targetOf.get(data?.[0])}`);
    const isAlive = client !== undefined && timeout !== undefined && expires > 0;
    if (newPort === undefined || endpoint === undefined || !isAlive) return [];
    return [{ key: [newPort, client], data: [endpoint], timeout, expires }];
  });
}

type NumberOf = ReadonlyMap<FieldValue | undefined, FieldValue>;

/** From the old numbers of ServicePorts to the new: those that are captured at one address at least as before. */
function portNumbers(previous: Contents, next: Contents): NumberOf {
  const byFrontend = frontendPorts(next);
  return new Map(
    previous(({ sessionPorts }) => sessionPorts).flatMap(({ key, data }) => {
      const now = byFrontend.get(key.join());
      const [number] = data ?? [];
      return now === undefined || number === undefined ? [] : [[number, now] as const];
    }),
  );
}

/** From a frontend to the number of its ServicePort. */
function frontendPorts(contents: Contents): ReadonlyMap<string, FieldValue> {
  return new Map(
    contents(({ sessionPorts }) => sessionPorts).flatMap(({ key, data }) => {
      const [number] = data ?? [];
      return number === undefined ? [] : [[key.join(), number] as const];
    }),
  );
}

/** From the number of an endpoint to its address and port. */
function endpointTexts(contents: Contents): ReadonlyMap<FieldValue | undefined, string> {
  return new Map(
    contents(({ sessionEndpoints }) => sessionEndpoints).map(({ key, data }) => [
      key[0],
      data?.join() ?? '',
    ]),
  );
}

/** From a ServicePort's number and an endpoint's address and port to the endpoint's number. */
function endpointNumbers(contents: Contents): ReadonlyMap<string, FieldValue> {
  const ports = frontendPorts(contents);
  const texts = endpointTexts(contents);
  return new Map(
    contents(({ sessionSlots }) => sessionSlots).flatMap(({ key, data }) => {
      const [number] = data ?? [];
      const port = ports.get(key.slice(0, -1).join());
      return number === undefined ? [] : [[`${port} ${texts.get(number)}`, number] as const];
    }),
  );
}
