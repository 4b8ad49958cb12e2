import { formatAddress, parseAddress } from '../../../ip/index.ts';
import type { HostEntry, HostsSettings } from '../../config.ts';
import {
  allowArguments,
  onlyArgument,
  readDuration,
  readInteger,
  readName,
  readOptions,
  readZones,
  type DirectiveReader,
  type OptionReader,
  type Reading,
} from '../reading.ts';
import type { Line } from '../syntax.ts';
import type { Token } from '../token.ts';

type Draft = { -readonly [K in keyof HostsSettings]: HostsSettings[K] };

const DEFAULT_TTL = 3600;
const MAX_TTL = 65_535;

function canonical(text: string): string | undefined {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
}

/** Lines of a hosts file; what is none is left out, as hosts files are read everywhere. */
function readFile(token: Token, reading: Reading): HostEntry[] {
  const text = reading.files.get(token.text);
  if (text === undefined) {
    reading.report(
      token,
      `there is no file ${token.text}: only keys of the ConfigMap, as /etc/coredns/KEY`,
    );
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [ip = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = canonical(ip);
    if (address === undefined || names.length === 0) return [];
    return [{ address, names: names.map((name) => `${name.toLowerCase().replace(/\.$/, '')}.`) }];
  });
}

function optionsOf(draft: Draft, reading: Reading): Record<string, OptionReader> {
  return {
    ttl: (option) => {
      allowArguments(option, 1, reading);
      const { name, args } = option;
      draft.ttl = readInteger(args[0], { min: 1, max: MAX_TTL, at: name }, reading);
    },
    no_reverse: (option) => {
      allowArguments(option, 0, reading);
      draft.hasReverse = false;
    },
    reload: (option) => {
      const duration = onlyArgument(option, reading);
      if (duration !== undefined && duration.text !== '0') readDuration(duration, reading);
      reading.note(option.name, 'the entries are part of the ConfigMap and are read anew with it');
    },
    fallthrough: ({ args }) => {
      draft.fallthrough = readZones(args, reading);
    },
  };
}

function entryOf({ name, args }: Line, reading: Reading): HostEntry | undefined {
  const address = canonical(name.text);
  if (address === undefined) return undefined;
  if (args.length === 0) reading.report(name, 'an address needs a name after it');
  return { address, names: args.map((token) => readName(token, reading)) };
}

/** `hosts [FILE [ZONES...]] { ADDRESS NAMES... }` */
export const hostsDirective: DirectiveReader = {
  name: 'hosts',
  read(line, reading) {
    const [file, ...zones] = line.args;
    const entries = line.block.flatMap((option) => entryOf(option, reading) ?? []);
    const draft: Draft = {
      zones: readZones(zones, reading),
      entries: [...(file === undefined ? [] : readFile(file, reading)), ...entries],
      ttl: DEFAULT_TTL,
      hasReverse: true,
    };
    const options = line.block.filter(({ name }) => canonical(name.text) === undefined);
    readOptions({ ...line, block: options }, reading, optionsOf(draft, reading));
    reading.block.hosts = draft;
  },
};
