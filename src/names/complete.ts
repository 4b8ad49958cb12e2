import { canonicalName, rcodes, recordTypes, type ResourceRecord } from '../dnswire/index.ts';
import type { NameReply, NameVerdict, UpstreamQuestion } from './contract.ts';
import { nameRecord } from './reply.ts';

/** Gives records of the name that was asked upstream the name that the client asked. */
function withOwner(
  records: readonly ResourceRecord[],
  from: string,
  to: string,
): readonly ResourceRecord[] {
  const key = canonicalName(from);
  return records.map((record) =>
    canonicalName(record.name) === key ? { ...record, name: to } : record,
  );
}

/** Lets the searched name lead to the name that was found. */
export function withSearchAlias(reply: NameReply, searched: string): NameReply {
  const [first] = reply.answers;
  if (first === undefined || canonicalName(first.name) === canonicalName(searched)) return reply;
  const { ttl, name: target } = first;
  const alias = nameRecord(searched, recordTypes.CNAME, { target, ttl });
  return { ...reply, answers: [alias, ...reply.answers] };
}

/** The client's answer from the upstream's: aliases that led there first, names as the client knows them. */
export function completeReply(question: UpstreamQuestion, upstream: NameReply): NameReply {
  const { prefix, owner, name, searched } = question;
  // Without a rewrite it is the case of the client's name: a cache has that of whoever asked first.
  const own = { ...upstream, answers: withOwner(upstream.answers, name, owner ?? name) };
  const whole =
    prefix.length === 0
      ? own
      : { ...own, isAuthoritative: false, answers: [...prefix, ...own.answers] };
  return searched === undefined ? whole : withSearchAlias(whole, searched);
}

/** Whether a reply ends the walk over several attempts. */
export function isFinal({ rcode }: NameReply): boolean {
  return rcode === rcodes.NOERROR;
}

/** Changes every reply of a verdict, those to come included. */
export function mapVerdict(
  verdict: NameVerdict,
  change: {
    readonly reply: (reply: NameReply) => NameReply;
    readonly question: (question: UpstreamQuestion) => UpstreamQuestion;
  },
): NameVerdict {
  if (verdict.action === 'answer') return { ...verdict, reply: change.reply(verdict.reply) };
  return {
    ...verdict,
    attempts: verdict.attempts.map((attempt) =>
      attempt.kind === 'ask'
        ? change.question(attempt)
        : { ...attempt, reply: change.reply(attempt.reply) },
    ),
    ...(verdict.otherwise === undefined ? {} : { otherwise: change.reply(verdict.otherwise) }),
  };
}

/** Puts records before the answers of a verdict: an alias and what it leads to. */
export function prepend(verdict: NameVerdict, records: readonly ResourceRecord[]): NameVerdict {
  return mapVerdict(verdict, {
    reply: (reply) => ({ ...reply, answers: [...records, ...reply.answers] }),
    question: (question) => ({ ...question, prefix: [...records, ...question.prefix] }),
  });
}

/** Gives the records of `from` the owner `to`. */
export function renameOwner(verdict: NameVerdict, from: string, to: string): NameVerdict {
  return mapVerdict(verdict, {
    reply: (reply) => ({ ...reply, answers: withOwner(reply.answers, from, to) }),
    question: (question) =>
      question.prefix.length > 0
        ? { ...question, prefix: withOwner(question.prefix, from, to) }
        : { ...question, owner: to },
  });
}
