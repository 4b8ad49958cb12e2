import { absoluteName, recordClasses, recordTypes } from '../../dnswire/index.ts';
import { parseAddress, type Address } from '../../ip/index.ts';
import type { Service } from '../../kube/index.ts';
import type { NameReason, NameVerdict } from '../../names/index.ts';
import type { Scene } from '../scene.ts';

/** What a name means to somebody in a namespace. */
export interface Resolution {
  /** The name that gave it, of those on the search path. */
  readonly fullName: string;
  readonly isForwarded: boolean;
  /** Of the last step. */
  readonly reason: NameReason;
  /** The Service that it leads to, if it does. */
  readonly service?: Service;
  readonly serviceKey?: string;
  readonly addresses: readonly Address[];
  /** Where an alias leads to, outside the cluster. */
  readonly alias?: string;
}

export interface Asked {
  readonly name: string;
  /** Of who asks: its search path begins there. */
  readonly namespace: string;
}

/** `options ndots:5`, as pods have it. */
const NDOTS = 5;

/** The names that a resolver tries, in turn (resolv.conf(5)). */
function candidates({ name, namespace }: Asked, clusterDomain: string): string[] {
  if (name.endsWith('.')) return [name];
  const searches = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  const searched = searches.map((search) => absoluteName(`${name}.${search}`));
  const asIs = absoluteName(name);
  return name.split('.').length > NDOTS ? [asIs, ...searched] : [...searched, asIs];
}

function addressesOf(verdict: NameVerdict): Address[] {
  if (verdict.action !== 'answer') return [];
  return verdict.reply.answers.flatMap(({ data }) =>
    data.kind === 'address' ? (parseAddress(data.address) ?? []) : [],
  );
}

function aliasOf(verdict: NameVerdict): string | undefined {
  if (verdict.action !== 'forward') return undefined;
  const [first] = verdict.attempts;
  return first?.kind === 'ask' ? first.name : undefined;
}

function serviceOf(scene: Scene, verdict: NameVerdict) {
  const object = verdict.steps.find(({ object = '' }) => object.startsWith('Service '))?.object;
  const serviceKey = object?.slice('Service '.length);
  const service = scene.snapshot.services.get(serviceKey ?? '');
  return { ...(serviceKey === undefined ? {} : { serviceKey }), ...(service && { service }) };
}

function judged(scene: Scene, name: string): Resolution[] {
  const world = {
    snapshot: scene.snapshot,
    isSynced: true,
    serial: 1,
    hostSearch: [],
    serverAddresses: [],
  };
  return [recordTypes.A, recordTypes.AAAA].map((type) => {
    const verdict = scene.names.judge(
      { name, type, class: recordClasses.IN, source: undefined },
      world,
    );
    const alias = aliasOf(verdict);
    return {
      fullName: name.replace(/\.$/, ''),
      isForwarded: verdict.action === 'forward',
      reason: reasonOf(verdict),
      addresses: addressesOf(verdict),
      ...serviceOf(scene, verdict),
      ...(alias === undefined ? {} : { alias }),
    };
  });
}

/**
 * Which of the names without an answer was meant: one that a Service has, one of a namespace that is there, or else one
 * of the world outside.
 */
function meant(
  scene: Scene,
  { name }: Asked,
  tried: readonly Resolution[],
): Resolution | undefined {
  const [, second = ''] = name.split('.');
  const isInside = second === '' || second === 'svc' || scene.snapshot.namespaces.has(second);
  const zone = isInside && second !== '' ? `.svc.${scene.clusterDomain}` : scene.clusterDomain;
  return (
    tried.find(({ service }) => service !== undefined) ??
    tried.find(({ fullName }) => (isInside ? fullName === withZone(name, zone) : false)) ??
    (isInside ? tried[0] : tried.at(-1))
  );
}

function withZone(name: string, zone: string): string {
  return name.endsWith('.svc') ? `${name}${zone.replace('.svc', '')}` : `${name}${zone}`;
}

/** Judges a name as the cluster's DNS answers it, along the search path; the answer that was meant when none has it. */
export function resolve(scene: Scene, asked: Asked): Resolution {
  const tried = candidates(asked, scene.clusterDomain).flatMap((name) => judged(scene, name));
  const found =
    tried.find(({ addresses, alias, reason }) => {
      return addresses.length > 0 || (alias !== undefined && reason === 'EXTERNAL_NAME');
    }) ?? meant(scene, asked, tried);
  if (found === undefined) throw new Error(`no name was tried for ${asked.name}`);
  return found;
}

/** The cluster's own reason, not that the question went on. */
function reasonOf({ steps }: NameVerdict): NameReason {
  const own = steps.findLast(({ responder }) => responder === 'kubernetes') ?? steps.at(-1);
  const reason = own?.reason ?? 'NO_SUCH_NAME';
  // Both are steps on the way, never the last one; a rewritten name is judged under its new one.
  return reason === 'REWRITTEN' || reason === 'SEARCH_PATH' ? 'NO_SUCH_NAME' : reason;
}
