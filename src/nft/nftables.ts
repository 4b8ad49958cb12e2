import { Fault } from '../fault/index.ts';
import { attributeMap, Connection, type NetlinkSocket } from '../netlink/index.ts';
import { awaitBatch, encodeBatch } from './batch.ts';
import { readChain, type Chain } from './chain.ts';
import {
  elementMessages,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  writeElementListName,
} from './element-list.ts';
import { elementKey, readElements, type Element } from './element.ts';
import { NFT_MSG, nftRequest } from './message.ts';
import { readNamedCounter, type NamedCounter } from './named-counter.ts';
import type { Operation } from './operation.ts';
import { familyName, familyNumbers, type NftFamily } from './protocol-family.ts';
import { readU32, type Attributes } from './reading.ts';
import { readRule, type Rule } from './rule.ts';
import type { Ruleset, TableContents } from './ruleset.ts';
import { readSet, type SetDefinition } from './set.ts';
import { readTable, type Table } from './table.ts';

/** `NFTA_GEN_ID`. */
const NFTA_GEN_ID = 1;
/** `NFTA_CHAIN_TABLE`, `NFTA_RULE_TABLE`, `NFTA_SET_TABLE` and `NFTA_OBJ_TABLE` all are 1: dumps filter by it. */
const NFTA_ANY_TABLE = 1;
const NFGEN_LENGTH = 4;
/** Batches count upwards from here, requests of the connection from 1: an answer is never taken for another's. */
const FIRST_BATCH_SEQUENCE = 0x4000_0000;
const LAST_BATCH_SEQUENCE = 0x7000_0000;
/** A table grows by doubling: it is in the way for a few milliseconds. */
const LIST_ATTEMPTS = 20;

/** The nf_tables of one network namespace, over a netfilter netlink socket opened there. All calls are synchronous. */
export class Nftables {
  private readonly socket: NetlinkSocket;
  private readonly connection: Connection;
  private sequence = FIRST_BATCH_SEQUENCE;

  constructor(socket: NetlinkSocket) {
    this.socket = socket;
    this.connection = new Connection(socket);
  }

  /** The port that the kernel's notifications name for what is committed here. */
  get portId(): number {
    return this.socket.portId;
  }

  /**
   * Applies operations as one transaction: all or nothing, and no packet sees it half done. With `generation`, only
   * if nothing changed since {@link generation} returned it.
   * @throws NftRefused with each refused operation.
   */
  commit(operations: readonly Operation[], options: { readonly generation?: number } = {}): void {
    if (operations.length === 0) return;
    const first = this.sequence;
    const batch = encodeBatch(operations, { ...options, first, portId: this.socket.portId });
    const next = first + batch.messages.length + 2;
    this.sequence = next > LAST_BATCH_SEQUENCE ? FIRST_BATCH_SEQUENCE : next;
    if (batch.messages.length === 0) return;
    this.socket.send(batch.datagram);
    awaitBatch(this.socket, batch, first);
  }

  /** The number of the ruleset's current generation; every transaction in the namespace makes a new one. */
  generation(): number {
    const request = nftRequest({
      message: NFT_MSG.GETGEN,
      family: 0,
      what: 'read the ruleset generation',
    });
    const [reply] = this.connection.request(request);
    return reply === undefined
      ? 0
      : readU32(attributeMap(reply.body.subarray(NFGEN_LENGTH)), NFTA_GEN_ID);
  }

  listTables(): Table[] {
    return this.list(NFT_MSG.GETTABLE, { what: 'list tables' }, readTable);
  }

  /**
   * Reads one table with everything in it, or `undefined` when there is none. With `withoutDynamic`, the sets that the
   * packet path fills come back empty: they may be large, and change while they are read.
   */
  readTable(
    family: NftFamily,
    name: string,
    options: { readonly withoutDynamic?: boolean } = {},
  ): TableContents | undefined {
    const table = this.listTables().find((found) => found.family === family && found.name === name);
    if (table === undefined) return undefined;
    const rules = Map.groupBy(this.listRules(table), ({ chain }) => chain);
    return {
      table,
      counters: this.listCounters(table),
      sets: this.listSets(table).map((definition) => ({
        definition,
        elements:
          options.withoutDynamic === true && definition.dynamic === true
            ? []
            : this.listElements(definition),
      })),
      chains: this.listChains(table).map((chain) => ({
        chain,
        rules: rules.get(chain.name) ?? [],
      })),
    };
  }

  /** Reads every table of the namespace. */
  readRuleset(): Ruleset {
    return this.listTables().flatMap(({ family, name }) => this.readTable(family, name) ?? []);
  }

  listChains(table: Table): Chain[] {
    const chains = this.list(NFT_MSG.GETCHAIN, { table, what: 'list chains' }, readChain);
    // The kernel's chain dump does not filter by table.
    return chains.filter((chain) => chain.table === table.name);
  }

  listRules(table: Table): Rule[] {
    return this.list(NFT_MSG.GETRULE, { table, what: 'list rules' }, readRule);
  }

  listSets(table: Table): SetDefinition[] {
    return this.list(NFT_MSG.GETSET, { table, what: 'list sets' }, readSet);
  }

  listCounters(table: Table): NamedCounter[] {
    const objects = this.list(NFT_MSG.GETOBJ, { table, what: 'list counters' }, readNamedCounter);
    return objects.filter((object) => object !== undefined);
  }

  /**
   * Lists a set. The kernel lists a hash table bucket by bucket in several messages; when the table grows meanwhile,
   * as many elements come twice as do not come at all, so a list with repetitions is read again.
   * @throws Fault `NFT_LIST_UNSTABLE` when it never settles.
   */
  listElements(set: SetDefinition): Element[] {
    for (let attempt = 0; attempt < LIST_ATTEMPTS; attempt += 1) {
      const elements = this.listElementsOnce(set);
      if (new Set(elements.map(elementKey)).size === elements.length) return elements;
    }
    throw new Fault({
      code: 'NFT_LIST_UNSTABLE',
      message: `the elements of ${set.family} ${set.table} ${set.name} changed during each of ${LIST_ATTEMPTS} attempts to list them`,
      advice: 'Try again when fewer changes are made.',
    });
  }

  /** Looks elements up by key. @throws NetlinkError with errno ENOENT when one is not there. */
  getElements(set: SetDefinition, elements: readonly Element[]): Element[] {
    const head = {
      message: NFT_MSG.GETSETELEM,
      family: familyNumbers[set.family],
      what: `get elements of ${set.name}`,
    };
    const replies = elementMessages(head, set, elements).flatMap(({ request }) =>
      this.connection.request(request),
    );
    return readElements(set, Buffer.concat(replies.map(({ body }) => elementList(body))));
  }

  close(): void {
    this.connection.close();
  }

  private listElementsOnce(set: SetDefinition): Element[] {
    const what = `list elements of ${set.name}`;
    const head = { message: NFT_MSG.GETSETELEM, family: familyNumbers[set.family], what };
    const request = nftRequest(head, (into) => writeElementListName(into, set));
    const lists = this.connection.dump(request).map(({ body }) => elementList(body));
    // Intervals may be cut between messages: their halves are joined only in the whole list.
    return readElements(set, Buffer.concat(lists));
  }

  private list<T>(
    message: number,
    { table, what }: { readonly table?: Table; readonly what: string },
    read: (family: NftFamily, attributes: Attributes) => T,
  ): T[] {
    const family = table === undefined ? 0 : familyNumbers[table.family];
    const request = nftRequest({ message, family, what }, (into) => {
      const filters = table !== undefined && message !== NFT_MSG.GETCHAIN;
      if (filters) into.string(NFTA_ANY_TABLE, table.name);
    });
    return this.connection.dump(request).flatMap(({ body }) => {
      const name = familyName(body.readUInt8(0));
      return name === undefined ? [] : [read(name, attributeMap(body.subarray(NFGEN_LENGTH)))];
    });
  }
}

/** The elements of one reply; each kept whole with its padding, so that lists can be joined. */
function elementList(body: Buffer): Buffer {
  const list = attributeMap(body.subarray(NFGEN_LENGTH)).get(NFTA_SET_ELEM_LIST_ELEMENTS);
  if (list === undefined) return Buffer.alloc(0);
  const isAligned = list.length % 4 === 0;
  return isAligned ? list : Buffer.concat([list, Buffer.alloc(4 - (list.length % 4))]);
}
