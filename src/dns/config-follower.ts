import type { EventRecorder, Informer } from '../client/index.ts';
import type { ConfigMap } from '../kube/index.ts';
import {
  corefileErrorText,
  readCorefile,
  type CorefileError,
  type NamesConfig,
} from '../names/index.ts';
import { DNS_CONFIG, DNS_NAMESPACE } from './objects/cluster-objects.ts';

export interface ConfigFollowerOptions {
  readonly configMaps: Informer<ConfigMap>;
  readonly events: EventRecorder | undefined;
  /** Hears of every configuration that can be used. */
  readonly apply: (config: NamesConfig) => void;
  /** Hears of one that cannot. */
  readonly onRefused: () => void;
  readonly log: (text: string) => void;
}

const KEY = `${DNS_NAMESPACE}/${DNS_CONFIG}`;

/** The other keys of the ConfigMap, as the pod of CoreDNS has them mounted. */
function filesOf({ data = {} }: ConfigMap): Map<string, string> {
  return new Map(Object.entries(data).map(([key, text]) => [`/etc/coredns/${key}`, text]));
}

function textOf(places: readonly CorefileError[]): string {
  return places.map(corefileErrorText).join('; ');
}

/**
 * Follows the ConfigMap `coredns`. What cannot be read is told - in the log and as an Event of the ConfigMap, with line and
 * column - and changes nothing. What can be read and means nothing here is told in the same places.
 */
export function followConfig(options: ConfigFollowerOptions): void {
  const { configMaps, events, apply, onRefused, log } = options;
  let used = '';

  function warn(configMap: ConfigMap, reason: string, message: string): void {
    events?.event(configMap, { type: 'Warning', reason, message });
  }

  function refuse(configMap: ConfigMap, errors: readonly CorefileError[]): void {
    onRefused();
    const message = textOf(errors);
    log(`[ERROR] plugin/reload: the ConfigMap ${KEY} is not used: ${message}`);
    warn(configMap, 'InvalidCorefile', `${message}. The configuration before it stays in use.`);
  }

  function take(configMap: ConfigMap): void {
    const text = configMap.data?.['Corefile'] ?? '';
    const state = JSON.stringify(configMap.data ?? {});
    if (state === used) return;
    used = state;
    const result = readCorefile(text, filesOf(configMap));
    if (!result.ok) {
      refuse(configMap, result.errors);
      return;
    }
    apply(result.config);
    if (result.notices.length === 0) return;
    for (const notice of result.notices) log(`[WARNING] ${corefileErrorText(notice)}`);
    warn(configMap, 'OptionsWithoutEffect', textOf(result.notices));
  }

  configMaps.onChange(({ next }) => {
    if (next?.metadata.namespace === DNS_NAMESPACE && next.metadata.name === DNS_CONFIG) take(next);
  });
}
