import { isWithin, rcodes, recordClasses, recordTypes } from '../dnswire/index.ts';
import type { NamesConfig, ServerBlock } from './config.ts';
import type { NameQuery, NameReason, NameVerdict, NameWorld } from './contract.ts';
import { answer, emptyReply } from './reply.ts';
import { autopathResponder } from './responders/autopath.ts';
import { forwardResponder } from './responders/forward.ts';
import { hostsResponder } from './responders/hosts.ts';
import { kubernetesResponder } from './responders/kubernetes.ts';
import { rewriteResponder } from './responders/rewrite.ts';
import type { ChainQuery, Responder } from './responders/responder.ts';

/** The judgement on names under one configuration; pure. */
export interface NameJudge {
  readonly config: NamesConfig;
  /** The block whose zone holds the name most closely, if any. */
  blockOf(name: string): ServerBlock | undefined;
  judge(query: NameQuery, world: NameWorld): NameVerdict;
}

/** Aliases in a row that are followed; ExternalName Services may point at each other. */
const MAX_ALIASES = 8;

function refusal(query: NameQuery, reason: NameReason): NameVerdict {
  return answer(emptyReply(rcodes.REFUSED), { responder: 'server', name: query.name, reason });
}

function aliasLoop({ name }: ChainQuery): NameVerdict {
  const step = { responder: 'server', name, reason: 'ALIAS_LOOP' } as const;
  return answer(emptyReply(rcodes.SERVFAIL), step);
}

type Run = (query: ChainQuery, world: NameWorld) => NameVerdict;

/** One zone of a block. */
interface CompiledBlock {
  readonly block: ServerBlock;
  readonly zone: string;
  /** The whole chain. */
  readonly run: Run;
  /** The chain from the first responder that looks names up. */
  readonly look: Run;
}

/** Responders that change the question: they see it once, not the targets of aliases. */
function changersOf({ rewrites, autopath, kubernetes }: ServerBlock): Responder[] {
  const zone = kubernetes?.zones[0];
  return [
    ...(rewrites.length === 0 ? [] : [rewriteResponder(rewrites)]),
    ...(autopath === undefined || zone === undefined ? [] : [autopathResponder(autopath, zone)]),
  ];
}

/** Responders that look names up, in the order of CoreDNS's chain. */
function lookersOf({ hosts, kubernetes, forwards }: ServerBlock): Responder[] {
  return [
    ...(hosts === undefined ? [] : [hostsResponder(hosts)]),
    ...(kubernetes === undefined ? [] : [kubernetesResponder(kubernetes)]),
    ...(forwards.length === 0 ? [] : [forwardResponder(forwards)]),
  ];
}

/** The chains of a block; `follow` asks whichever block holds the target of an alias. */
function compile(block: ServerBlock, follow: Run): Pick<CompiledBlock, 'run' | 'look'> {
  const changers = changersOf(block);
  const responders = [...changers, ...lookersOf(block)];
  const startingAt =
    (start: number): Run =>
    (query, world) => {
      const runFrom = (index: number, query: ChainQuery): NameVerdict => {
        const responder = responders[index];
        if (responder === undefined) return refusal(query, 'NO_RESPONDER');
        const next = (query: ChainQuery): NameVerdict => runFrom(index + 1, query);
        return responder(query, { world, next, follow: (query) => follow(query, world) });
      };
      return runFrom(start, query);
    };
  return { run: startingAt(0), look: startingAt(changers.length) };
}

/** Compiles a configuration. */
export function createNameJudge(config: NamesConfig): NameJudge {
  const find = (key: string): CompiledBlock | undefined =>
    blocks.find(({ zone }) => isWithin(key, zone));
  const follow: Run = (query, world) => {
    if (query.depth > MAX_ALIASES) return aliasLoop(query);
    return find(query.key)?.look(query, world) ?? refusal(query, 'NO_RESPONDER');
  };
  const blocks: CompiledBlock[] = config.blocks
    .flatMap((block) => {
      const chains = compile(block, follow);
      return block.zones.map((zone) => ({ block, zone, ...chains }));
    })
    .toSorted((a, b) => b.zone.length - a.zone.length);
  return {
    config,
    blockOf: (name) => find(name.toLowerCase())?.block,
    judge(query, world) {
      if (query.class !== recordClasses.IN && query.class !== recordClasses.ANY) {
        return refusal(query, 'CLASS_REFUSED');
      }
      if (query.type === recordTypes.AXFR || query.type === recordTypes.IXFR) {
        return refusal(query, 'TRANSFER_REFUSED');
      }
      const key = query.name.toLowerCase();
      const found = find(key);
      if (found === undefined) return refusal(query, 'NO_RESPONDER');
      return found.run({ ...query, key, depth: 0 }, world);
    },
  };
}
