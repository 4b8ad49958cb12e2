import { attributeMap, type AttributeWriter } from '../netlink/index.ts';
import { hooksOf, type HookName } from './hook.ts';
import type { NftFamily } from './protocol-family.ts';
import { nameOf, readString, readU32, type Attributes } from './reading.ts';
import type { InTable } from './table.ts';

const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_POLICY = 5;
const NFTA_CHAIN_TYPE = 7;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;
const NFTA_HOOK_DEV = 3;

const policies = { drop: 0, accept: 1 } as const;

/** Where a base chain sees packets. */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: HookName;
  readonly priority: number;
  readonly policy: keyof typeof policies;
  /** Ingress and egress chains only. */
  readonly device?: string;
}

/** A list of rules: on a hook when it has a `base`, else reached by jumps. */
export interface Chain extends InTable {
  readonly name: string;
  readonly base?: BaseChain;
}

export function writeChain(into: AttributeWriter, chain: Chain): void {
  const { base } = chain;
  writeChainName(into, chain);
  if (base === undefined) return;
  into.nested(NFTA_CHAIN_HOOK, (hook) => {
    hook.u32be(NFTA_HOOK_HOOKNUM, hooksOf(chain.family)[base.hook] ?? 0);
    hook.u32be(NFTA_HOOK_PRIORITY, base.priority);
    if (base.device !== undefined) hook.string(NFTA_HOOK_DEV, base.device);
  });
  into.u32be(NFTA_CHAIN_POLICY, policies[base.policy]);
  into.string(NFTA_CHAIN_TYPE, base.type);
}

/** Names the chain only: for deletes. */
export function writeChainName(into: AttributeWriter, chain: Chain): void {
  into.string(NFTA_CHAIN_TABLE, chain.table).string(NFTA_CHAIN_NAME, chain.name);
}

export function readChain(family: NftFamily, attributes: Attributes): Chain {
  const chain = {
    family,
    table: readString(attributes, NFTA_CHAIN_TABLE),
    name: readString(attributes, NFTA_CHAIN_NAME),
  };
  const hook = attributes.get(NFTA_CHAIN_HOOK);
  return hook === undefined
    ? chain
    : { ...chain, base: readBase(family, attributes, attributeMap(hook)) };
}

function readBase(family: NftFamily, attributes: Attributes, hook: Attributes): BaseChain {
  const device = readString(hook, NFTA_HOOK_DEV);
  return {
    type: readString(attributes, NFTA_CHAIN_TYPE) as BaseChain['type'],
    hook: nameOf(hooksOf(family) as Record<HookName, number>, readU32(hook, NFTA_HOOK_HOOKNUM)),
    priority: readU32(hook, NFTA_HOOK_PRIORITY) | 0,
    policy: nameOf(policies, readU32(attributes, NFTA_CHAIN_POLICY)),
    ...(device === '' ? {} : { device }),
  };
}
