import {
  absoluteName,
  dataText,
  rcodeName,
  recordClasses,
  typeByName,
  typeName,
  type ResourceRecord,
} from '../../dnswire/index.ts';
import type { NameReply, NameVerdict, NameWorld } from '../contract.ts';
import { readCorefile } from '../corefile/read-corefile.ts';
import { corefileErrorText } from '../corefile/token.ts';
import { createNameJudge } from '../judge.ts';
import { snapshotOf, type ClusterSketch } from './cluster.ts';

function recordsText(records: readonly ResourceRecord[], asked: string): string {
  return records
    .map((record) => {
      const owner = record.name === asked ? '' : `${record.name} `;
      return `${owner}${typeName(record.type)} ${dataText(record.data)}`;
    })
    .join('; ');
}

/** `NOERROR A 10.96.0.1`: the code, then the answers; owners only where they are not the name asked for. */
export function replyText(reply: NameReply, asked: string): string {
  const answers = recordsText(reply.answers, asked);
  return `${rcodeName(reply.rcode)}${answers === '' ? '' : ` ${answers}`}`;
}

export interface Asking {
  readonly corefile: string;
  readonly cluster: ClusterSketch;
  readonly files?: ReadonlyMap<string, string>;
  readonly world?: Partial<NameWorld>;
}

/** A function that judges `TYPE NAME` as asked from an address. */
export function asking({
  corefile,
  cluster,
  files,
  world,
}: Asking): (question: string, source?: string) => NameVerdict {
  const read = readCorefile(corefile, files);
  if (!read.ok) throw new Error(read.errors.map(corefileErrorText).join('\n'));
  const judge = createNameJudge(read.config);
  const whole: NameWorld = {
    snapshot: snapshotOf(cluster),
    isSynced: true,
    serial: 7,
    hostSearch: ['corp.example'],
    serverAddresses: ['10.96.0.10', 'fd00:10:96::a'],
    ...world,
  };
  return (question, source) => {
    const [type = '', name = ''] = question.split(' ');
    return judge.judge(
      { name: absoluteName(name), type: typeByName(type) ?? 0, class: recordClasses.IN, source },
      whole,
    );
  };
}

/** The verdict in one line: the reply, or whom it asks; then why. */
export function verdictText(verdict: NameVerdict, question: string): string {
  const asked = absoluteName(question.split(' ')[1] ?? '');
  const why = verdict.steps.at(-1)?.reason ?? '';
  if (verdict.action === 'answer') return `${replyText(verdict.reply, asked)} (${why})`;
  const attempts = verdict.attempts.map((attempt) =>
    attempt.kind === 'ask'
      ? `${recordsText(attempt.prefix, asked)} ask ${attempt.forward.to.join(' ')} ${attempt.name}`.trim()
      : replyText(attempt.reply, asked),
  );
  return `${attempts.join(' | ')} (${why})`;
}
