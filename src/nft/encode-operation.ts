import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  type NetlinkRequest,
} from '../netlink/index.ts';
import { writeChain, writeChainName } from './chain.ts';
import { elementMessages, writeElementListName } from './element-list.ts';
import { NFT_MSG, nftRequest, type RequestHead } from './message.ts';
import { writeNamedCounter, writeNamedCounterName } from './named-counter.ts';
import { elementsText, operationText } from './operation-text.ts';
import type { Operation } from './operation.ts';
import { familyNumbers, type NftFamily } from './protocol-family.ts';
import { writeRule, writeRuleName, type Rule } from './rule.ts';
import { writeSet, writeSetName } from './set.ts';
import { writeTable, writeTableName } from './table.ts';

/** One message of a batch, able to say what it was about. */
export interface OperationMessage {
  readonly request: NetlinkRequest;
  /** The nft command, narrowed to the element that an extended ack points at. */
  describe(offset: number | undefined): string;
}

function head(message: number, family: NftFamily, flags = 0): RequestHead {
  return { message, family: familyNumbers[family], flags, what: '' };
}

/**
 * The messages that do one operation: one, or as many as its elements need. `setId` is a number unique in the batch
 * for each set it makes.
 */
export function encodeOperation(operation: Operation, setId: number): OperationMessage[] {
  if ('elements' in operation) {
    return encodeElements(operation);
  }
  return [{ request: encodeSingle(operation, setId), describe: () => operationText(operation) }];
}

type ElementOperation = Extract<Operation, { elements: unknown }>;
type SingleOperation = Exclude<Operation, ElementOperation>;

function encodeElements({ kind, set, elements }: ElementOperation): OperationMessage[] {
  const start =
    kind === 'add element'
      ? head(NFT_MSG.NEWSETELEM, set.family, NLM_F_CREATE)
      : head(NFT_MSG.DELSETELEM, set.family);
  return elementMessages(start, set, elements).map((message) => ({
    request: message.request,
    describe(offset) {
      if (offset === undefined) return elementsText(kind, set, message.elements);
      const at = message.offsets.findLastIndex((start) => start <= offset);
      return elementsText(
        kind,
        set,
        at === -1 ? message.elements : message.elements.slice(at, at + 1),
      );
    },
  }));
}

function encodeSingle(operation: SingleOperation, setId: number): NetlinkRequest {
  switch (operation.kind) {
    case 'add table':
    case 'delete table':
      return encodeTable(operation);
    case 'add chain':
    case 'delete chain':
    case 'flush chain':
      return encodeChain(operation);
    case 'add set':
    case 'delete set':
    case 'flush set':
      return encodeSet(operation, setId);
    case 'add counter':
    case 'delete counter':
      return encodeCounter(operation);
    default:
      return encodeRule(operation);
  }
}

function encodeTable({ kind, table }: Extract<Operation, { table: unknown }>): NetlinkRequest {
  return kind === 'add table'
    ? nftRequest(head(NFT_MSG.NEWTABLE, table.family), (into) => writeTable(into, table))
    : nftRequest(head(NFT_MSG.DELTABLE, table.family), (into) => writeTableName(into, table.name));
}

function encodeChain({ kind, chain }: Extract<Operation, { chain: unknown }>): NetlinkRequest {
  const { family, table, name } = chain;
  if (kind === 'flush chain') {
    const all = { family, table, chain: name };
    return nftRequest(head(NFT_MSG.DELRULE, family), (into) => writeRuleName(into, all));
  }
  return kind === 'add chain'
    ? nftRequest(head(NFT_MSG.NEWCHAIN, family, NLM_F_CREATE), (into) => writeChain(into, chain))
    : nftRequest(head(NFT_MSG.DELCHAIN, family), (into) => writeChainName(into, chain));
}

function encodeSet(
  { kind, set }: Extract<Operation, { kind: `${string} set` }>,
  id: number,
): NetlinkRequest {
  if (kind === 'flush set') {
    // A DELSETELEM without a list of elements deletes all of them.
    return nftRequest(head(NFT_MSG.DELSETELEM, set.family), (into) =>
      writeElementListName(into, set),
    );
  }
  return kind === 'add set'
    ? nftRequest(head(NFT_MSG.NEWSET, set.family, NLM_F_CREATE), (into) => writeSet(into, set, id))
    : nftRequest(head(NFT_MSG.DELSET, set.family), (into) => writeSetName(into, set));
}

function encodeCounter({
  kind,
  counter,
}: Extract<Operation, { counter: unknown }>): NetlinkRequest {
  return kind === 'add counter'
    ? nftRequest(head(NFT_MSG.NEWOBJ, counter.family, NLM_F_CREATE), (into) =>
        writeNamedCounter(into, counter),
      )
    : nftRequest(head(NFT_MSG.DELOBJ, counter.family), (into) =>
        writeNamedCounterName(into, counter),
      );
}

function encodeRule({ kind, rule }: Extract<Operation, { rule: unknown }>): NetlinkRequest {
  if (kind === 'delete rule') {
    return nftRequest(head(NFT_MSG.DELRULE, rule.family), (into) => writeRuleName(into, rule));
  }
  const flags = {
    'add rule': NLM_F_CREATE | NLM_F_APPEND,
    'insert rule': NLM_F_CREATE,
    'replace rule': NLM_F_REPLACE,
  }[kind];
  return nftRequest(head(NFT_MSG.NEWRULE, rule.family, flags), (into) =>
    writeRule(into, withHandle(kind, rule)),
  );
}

/** Only a replacement may name the rule it stands for; a handle left from a listing must not leak into an add. */
function withHandle(kind: 'add rule' | 'insert rule' | 'replace rule', rule: Rule): Rule {
  if (kind === 'replace rule') return rule;
  const { handle: _, ...fresh } = rule;
  return fresh;
}
