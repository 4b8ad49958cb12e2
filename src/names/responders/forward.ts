import { isWithin } from '../../dnswire/index.ts';
import type { ForwardSettings } from '../config.ts';
import type { Responder } from './responder.ts';

/** Hands questions to upstream servers: those of the longest `from` that holds the name (stub domains). */
export function forwardResponder(forwards: readonly ForwardSettings[]): Responder {
  const longestFirst = forwards.toSorted((a, b) => b.from.length - a.from.length);
  return (query, chain) => {
    const { key, name, type } = query;
    const [forward, ...others] = longestFirst.filter(
      ({ from, except }) => isWithin(key, from) && !except.some((zone) => isWithin(key, zone)),
    );
    if (forward === undefined) return chain.next(query);
    return {
      action: 'forward',
      attempts: [{ kind: 'ask', forward, others, name, type, prefix: [] }],
      steps: [{ responder: 'forward', name, reason: 'FORWARDED', object: forward.to.join(' ') }],
    };
  };
}
