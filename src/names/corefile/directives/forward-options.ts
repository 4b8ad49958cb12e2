import { rcodes } from '../../../dnswire/index.ts';
import type { ForwardPolicy, ForwardSettings, TlsSettings } from '../../config.ts';
import {
  allowArguments,
  firstArgument,
  onlyArgument,
  readDuration,
  readInteger,
  readName,
  type OptionReader,
  type Reading,
} from '../reading.ts';
import type { Line } from '../syntax.ts';
import type { Token } from '../token.ts';

export type ForwardDraft = { -readonly [K in keyof ForwardSettings]: ForwardSettings[K] };

const policies: readonly string[] = [
  'random',
  'round_robin',
  'sequential',
] satisfies ForwardPolicy[];

/** A file that `tls` names: a key of the ConfigMap. */
function readPem(token: Token | undefined, reading: Reading): string | undefined {
  if (token === undefined) return undefined;
  const text = reading.files.get(token.text);
  if (text === undefined) {
    const known = 'only keys of the ConfigMap, as /etc/coredns/KEY';
    reading.report(token, `there is no file ${token.text}: ${known}`);
  }
  return text;
}

/** `tls`, `tls CA`, `tls CERT KEY`, `tls CERT KEY CA` */
function readTls(line: Line, reading: Reading): TlsSettings {
  allowArguments(line, 3, reading);
  const [first, second, third] = line.args;
  if (second === undefined) {
    const ca = readPem(first, reading);
    return ca === undefined ? {} : { ca };
  }
  const ca = readPem(third, reading);
  return {
    certificate: readPem(first, reading) ?? '',
    key: readPem(second, reading) ?? '',
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Names of response codes. `NOERROR` is an answer, not a reason to ask on. */
function readRcodes({ name, args }: Line, reading: Reading): number[] {
  if (args.length === 0) reading.report(name, `${name.text} needs a response code`);
  return args.map((token) => {
    const known: Readonly<Record<string, number>> = rcodes;
    const code = Object.hasOwn(known, token.text) ? known[token.text] : undefined;
    if (code === undefined || code === rcodes.NOERROR) {
      reading.report(token, `${JSON.stringify(token.text)} is no response code of a failure`);
    }
    return code ?? rcodes.SERVFAIL;
  });
}

/** `health_check DURATION [no_rec] [domain FQDN]` */
function readHealthCheck(line: Line, draft: ForwardDraft, reading: Reading): void {
  const [duration, ...words] = line.args;
  const token = duration ?? firstArgument(line, reading);
  if (token === undefined) return;
  draft.healthCheckMs = readDuration(token, reading);
  let { isRecursive, domain } = draft.healthCheck;
  while (words.length > 0) {
    const word = words.shift();
    const name = word?.text === 'domain' ? words.shift() : undefined;
    if (word?.text === 'no_rec') isRecursive = false;
    else if (name !== undefined) domain = readName(name, reading);
    else if (word !== undefined) reading.report(word, 'after the duration: no_rec, domain FQDN');
  }
  draft.healthCheck = { isRecursive, domain };
}

type Booleans = 'forcesTcp' | 'prefersUdp' | 'nextOnNoData';
type Numbers = 'maxFails' | 'maxConcurrent' | 'maxIdle';

/** Readers of all options of `forward`, into the draft. */
export function forwardOptions(
  draft: ForwardDraft,
  reading: Reading,
): Record<string, OptionReader> {
  const flag = (key: Booleans): OptionReader => {
    return (option) => {
      allowArguments(option, 0, reading);
      draft[key] = true;
    };
  };
  const count = (key: Numbers): OptionReader => {
    return (option) => {
      allowArguments(option, 1, reading);
      const { name, args } = option;
      draft[key] = readInteger(args[0], { min: 0, max: 1e6, at: name }, reading);
    };
  };
  return {
    except: ({ args }) => {
      draft.except = [...draft.except, ...args.map((token) => readName(token, reading))];
    },
    policy: (option) => {
      const token = onlyArgument(option, reading);
      if (token === undefined) return;
      if (policies.includes(token.text)) draft.policy = token.text as ForwardPolicy;
      else reading.report(token, `policy is one of ${policies.join(', ')}`);
    },
    force_tcp: flag('forcesTcp'),
    prefer_udp: flag('prefersUdp'),
    max_fails: count('maxFails'),
    max_concurrent: count('maxConcurrent'),
    max_idle_conns: count('maxIdle'),
    health_check: (option) => readHealthCheck(option, draft, reading),
    expire: (option) => {
      const token = onlyArgument(option, reading);
      if (token !== undefined) draft.expireMs = readDuration(token, reading);
    },
    tls: (option) => {
      draft.tls = { ...draft.tls, ...readTls(option, reading) };
    },
    tls_servername: (option) => {
      const token = onlyArgument(option, reading);
      if (token !== undefined) draft.tls = { ...draft.tls, serverName: token.text };
    },
    failover: (option) => {
      draft.failover = readRcodes(option, reading);
    },
    next: (option) => {
      draft.next = readRcodes(option, reading);
    },
    next_on_nodata: flag('nextOnNoData'),
    // Nobody is asked while all are down, with this line or without.
    failfast_all_unhealthy_upstreams: (option) => allowArguments(option, 0, reading),
  };
}
