import { isWithin, rcodes, recordClasses, recordTypes } from '../dnswire/index.ts';
import type { NamesConfig, ServerBlock } from './config.ts';
import type { NameQuery, NameReason, NameVerdict, NameWorld } from './contract.ts';
import { answer, emptyReply } from './reply.ts';
import { autopathResponder } from './responders/autopath.ts';
import { forwardResponder } from './responders/forward.ts';
import { hostsResponder } from './responders/hosts.ts';
import { kubernetesResponder } from './responders/kubernetes.ts';
import { rewriteResponder } from './responders/rewrite.ts';
import type { Chain, ChainQuery, Responder } from './responders/responder.ts';

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

interface CompiledBlock {
  readonly block: ServerBlock;
  readonly zone: string;
  readonly run: (query: ChainQuery, world: NameWorld) => NameVerdict;
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

function compile(block: ServerBlock): CompiledBlock['run'] {
  const changers = changersOf(block);
  const responders = [...changers, ...lookersOf(block)];
  return (query, world) => {
    const runFrom = (index: number, query: ChainQuery): NameVerdict => {
      const responder = responders[index];
      if (responder === undefined) return refusal(query, 'NO_RESPONDER');
      const chain: Chain = {
        world,
        next: (query) => runFrom(index + 1, query),
        follow: (query) =>
          query.depth > MAX_ALIASES
            ? answer(emptyReply(rcodes.SERVFAIL), {
                responder: 'server',
                name: query.name,
                reason: 'ALIAS_LOOP',
              })
            : runFrom(changers.length, query),
      };
      return responder(query, chain);
    };
    return runFrom(0, query);
  };
}

/** Compiles a configuration. */
export function createNameJudge(config: NamesConfig): NameJudge {
  const blocks: CompiledBlock[] = config.blocks
    .flatMap((block) => {
      const run = compile(block);
      return block.zones.map((zone) => ({ block, zone, run }));
    })
    .toSorted((a, b) => b.zone.length - a.zone.length);
  const find = (key: string): CompiledBlock | undefined =>
    blocks.find(({ zone }) => isWithin(key, zone));
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
