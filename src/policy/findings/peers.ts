import { formatSelector } from '../../kube/index.ts';
import { isPolicyPod } from '../policy-pods.ts';
import { isReadable, namespaceLabels, selectorFor } from '../selectors.ts';
import type { Check, FindingWorld, Remark } from './finding.ts';
import type { PeerView } from './rule-view.ts';

/** Peers that nobody is at present. */
export const peersOfNobody: Check = ({ world, rules }) =>
  rules.flatMap(({ peers }) => peers.flatMap((peer) => remarkOn(world, peer)));

function remarkOn(world: FindingWorld, peer: PeerView): Remark[] {
  const { field, selectors, hasDomainNames } = peer;
  if (hasDomainNames) {
    const says = 'match nothing: names are not followed to addresses here';
    return [{ code: 'DOMAIN_NAMES_MATCH_NOTHING', field: `${field}.domainNames`, says }];
  }
  if (selectors === undefined || !areReadable(selectors)) return [];
  const { namespace, pods } = selectors;
  if (namespace !== undefined && !hasNamespace(world, namespace)) {
    const says = `means no namespace that there is (${formatSelector(namespace)})`;
    return [{ code: 'PEER_MATCHES_NO_NAMESPACE', field, says }];
  }
  const isAnybody = [...world.pods.values()].some((pod) => isPolicyPod(pod) && peer.matches(pod));
  if (isAnybody) return [];
  const says = `matches no pod (${formatSelector(pods)})`;
  return [{ code: 'PEER_MATCHES_NO_POD', field, says }];
}

/** Those that cannot be read are a finding of their own. */
function areReadable({ namespace = {}, pods = {} }: NonNullable<PeerView['selectors']>): boolean {
  return isReadable(namespace) && isReadable(pods);
}

/** Namespaces that only pods name count too: manifests often leave their objects out. */
function hasNamespace(world: FindingWorld, selector: Parameters<typeof selectorFor>[0]): boolean {
  const ofPods = [...world.pods.values()].map(({ metadata }) => metadata.namespace ?? '');
  return [...new Set([...world.namespaces.keys(), ...ofPods])].some((name) =>
    selectorFor(selector).matches(namespaceLabels(world.namespaces, name)),
  );
}
