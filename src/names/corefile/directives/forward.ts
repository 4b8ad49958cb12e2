import { readOptions, readZone, type DirectiveReader } from '../reading.ts';
import { forwardOptions, type ForwardDraft } from './forward-options.ts';
import { readUpstream } from './forward-upstream.ts';

/** CoreDNS's bound. */
const MAX_UPSTREAMS = 15;

/** What CoreDNS does where nothing is said. */
const defaults = {
  except: [],
  policy: 'random',
  forcesTcp: false,
  prefersUdp: false,
  maxFails: 2,
  healthCheckMs: 500,
  maxConcurrent: 0,
  expireMs: 10_000,
  maxIdle: 0,
  tls: {},
  failover: [],
  next: [],
  nextOnNoData: false,
  healthCheck: { isRecursive: true, domain: '.' },
} as const;

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
    const [zone = '.', ...others] = readZone(from, reading);
    if (others.length > 0) {
      reading.report(from, 'forward takes a prefix that ends with a label: /8, /16, /24 or /32');
    }
    const draft: ForwardDraft = {
      ...defaults,
      from: zone,
      to: to.map((token) => readUpstream(token, reading)),
    };
    readOptions(line, reading, forwardOptions(draft, reading));
    reading.block.forwards = [...reading.block.forwards, draft];
  },
};
