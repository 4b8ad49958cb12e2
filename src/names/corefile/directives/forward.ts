import { parseAddress } from '../../../ip/index.ts';
import type { ForwardPolicy, ForwardSettings } from '../../config.ts';
import {
  firstArgument,
  readDuration,
  readInteger,
  readName,
  readOptions,
  type DirectiveReader,
  type OptionReader,
  type Reading,
} from '../reading.ts';
import type { Token } from '../token.ts';

type Draft = { -readonly [K in keyof ForwardSettings]: ForwardSettings[K] };

const policies: readonly string[] = [
  'random',
  'round_robin',
  'sequential',
] satisfies ForwardPolicy[];
/** CoreDNS's bound. */
const MAX_UPSTREAMS = 15;

/** `IP`, `IP:PORT`, `[IP]:PORT`, or a file of resolvers. */
function isUpstream(text: string): boolean {
  if (text.startsWith('/')) return true;
  const [, host = '', port] = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (parseAddress(text) !== undefined) return true;
  return parseAddress(host) !== undefined && (port === undefined || Number(port) <= 0xffff);
}

function optionsOf(draft: Draft, reading: Reading): Record<string, OptionReader> {
  const duration = (set: (ms: number) => void): OptionReader => {
    return (option) => {
      const token = firstArgument(option, reading);
      if (token !== undefined) set(readDuration(token, reading));
    };
  };
  const count = (set: (value: number) => void): OptionReader => {
    return ({ name, args }) => set(readInteger(args[0], { min: 0, max: 1e6, at: name }, reading));
  };
  return {
    except: ({ args }) => {
      draft.except = [...draft.except, ...args.map((token) => readName(token, reading))];
    },
    policy: (option) => {
      const token = firstArgument(option, reading);
      if (token === undefined) return;
      if (policies.includes(token.text)) draft.policy = token.text as ForwardPolicy;
      else reading.report(token, `policy is one of ${policies.join(', ')}`);
    },
    force_tcp: () => {
      draft.forcesTcp = true;
    },
    prefer_udp: () => {
      draft.prefersUdp = true;
    },
    max_fails: count((value) => {
      draft.maxFails = value;
    }),
    max_concurrent: count((value) => {
      draft.maxConcurrent = value;
    }),
    health_check: duration((ms) => {
      draft.healthCheckMs = ms;
    }),
    expire: duration((ms) => {
      draft.expireMs = ms;
    }),
  };
}

function readUpstream(token: Token, reading: Reading): string {
  if (!isUpstream(token.text)) {
    const text = JSON.stringify(token.text);
    reading.report(token, `${text} is no upstream: an address, an address with a port, or a file`);
  } else if (token.text.startsWith('/') && token.text !== '/etc/resolv.conf') {
    reading.report(token, "the only file of upstreams here is /etc/resolv.conf, the machine's own");
  }
  return token.text;
}

/** `forward FROM TO... { ... }` */
export const forwardDirective: DirectiveReader = {
  name: 'forward',
  read(line, reading) {
    const [from, ...to] = line.args;
    if (from === undefined || to.length === 0) {
      reading.report(line.name, 'forward needs a zone and at least one upstream');
      return;
    }
    const extra = to[MAX_UPSTREAMS];
    if (extra !== undefined)
      reading.report(extra, `forward takes at most ${MAX_UPSTREAMS} upstreams`);
    const draft: Draft = {
      from: readName(from, reading),
      to: to.map((token) => readUpstream(token, reading)),
      except: [],
      policy: 'random',
      forcesTcp: false,
      prefersUdp: false,
      maxFails: 2,
      healthCheckMs: 500,
      maxConcurrent: 0,
      expireMs: 10_000,
    };
    readOptions(line, reading, optionsOf(draft, reading));
    reading.block.forwards = [...reading.block.forwards, draft];
  },
};
