import { isWithin } from '../../../dnswire/index.ts';
import { messageOf } from '../../../fault/index.ts';
import { parseSelector } from '../../../kube/index.ts';
import type { KubernetesSettings, PodMode } from '../../config.ts';
import {
  allowArguments,
  firstArgument,
  onlyArgument,
  readInteger,
  readOptions,
  readZones,
  type DirectiveReader,
  type OptionReader,
  type Reading,
} from '../reading.ts';
import type { Line } from '../syntax.ts';

type Draft = { -readonly [K in keyof KubernetesSettings]: KubernetesSettings[K] };

const podModes: readonly string[] = ['disabled', 'insecure', 'verified'] satisfies PodMode[];
/** CoreDNS's default and bounds, in seconds. */
const DEFAULT_TTL = 5;
const MAX_TTL = 3600;

function isReverse(zone: string): boolean {
  return isWithin(zone, 'in-addr.arpa.') || isWithin(zone, 'ip6.arpa.');
}

/** A label selector, which may hold spaces: all of the line. */
function readSelector(option: Line, reading: Reading): string | undefined {
  const token = firstArgument(option, reading);
  if (token === undefined) return undefined;
  const text = option.args.map((one) => one.text).join(' ');
  try {
    parseSelector(text);
    return text;
  } catch (error) {
    reading.report(token, `${JSON.stringify(text)} is no label selector: ${messageOf(error)}`);
    return undefined;
  }
}

/** How CoreDNS reaches an API server and waits for it: this server is part of the same process. */
const ofTheConnection = [
  'endpoint',
  'tls',
  'kubeconfig',
  'apiserver_qps',
  'apiserver_burst',
  'apiserver_max_inflight',
  'startup_timeout',
] as const;

function connectionOptions(reading: Reading): Record<string, OptionReader> {
  const note: OptionReader = ({ name }) => {
    reading.note(
      name,
      "the state of the cluster is in this server's own process; until it is there, the answer is SERVFAIL",
    );
  };
  return Object.fromEntries(ofTheConnection.map((option) => [option, note]));
}

function optionsOf(draft: Draft, reading: Reading): Record<string, OptionReader> {
  return {
    ...connectionOptions(reading),
    pods: (option) => {
      const mode = onlyArgument(option, reading);
      if (mode === undefined) return;
      if (podModes.includes(mode.text)) draft.pods = mode.text as PodMode;
      else reading.report(mode, `pods is one of ${podModes.join(', ')}`);
    },
    ttl: (option) => {
      allowArguments(option, 1, reading);
      const { name, args } = option;
      draft.ttl = readInteger(args[0], { min: 0, max: MAX_TTL, at: name }, reading);
    },
    fallthrough: ({ args }) => {
      draft.fallthrough = readZones(args, reading);
    },
    namespaces: ({ args }) => {
      draft.namespaces = args.map(({ text }) => text.toLowerCase());
    },
    namespace_labels: (option) => {
      const selector = readSelector(option, reading);
      if (selector !== undefined) draft.namespaceLabels = selector;
    },
    labels: (option) => {
      const selector = readSelector(option, reading);
      if (selector !== undefined) draft.labels = selector;
    },
    endpoint_pod_names: (option) => {
      allowArguments(option, 0, reading);
      draft.usesPodNames = true;
    },
    noendpoints: (option) => {
      allowArguments(option, 0, reading);
      draft.hidesEndpoints = true;
    },
    zonal: (option) => {
      allowArguments(option, 0, reading);
      draft.isZonal = true;
    },
    ignore: (option) => {
      const what = onlyArgument(option, reading);
      if (what === undefined) return;
      if (what.text === 'empty_service') draft.ignoresEmptyServices = true;
      else reading.report(what, `ignore takes empty_service, not ${JSON.stringify(what.text)}`);
    },
  };
}

/** `kubernetes [ZONES...] { ... }` */
export const kubernetesDirective: DirectiveReader = {
  name: 'kubernetes',
  read(line, reading) {
    const zones = readZones(line.args, reading);
    const draft: Draft = {
      zones: zones.filter((zone) => !isReverse(zone)),
      reverseZones: zones.filter(isReverse),
      pods: 'disabled',
      usesPodNames: false,
      ttl: DEFAULT_TTL,
      fallthrough: [],
      namespaces: [],
      ignoresEmptyServices: false,
      hidesEndpoints: false,
      isZonal: false,
    };
    if (draft.zones.length === 0) {
      reading.report(line.name, 'kubernetes needs a zone that is not a reverse one');
    }
    readOptions(line, reading, optionsOf(draft, reading));
    reading.block.kubernetes = draft;
  },
};
