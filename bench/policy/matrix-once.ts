// Works out one matrix in a process of its own, as `portolan matrix` has it: nothing is compiled or cached before.
// Arguments: pods, policies. Prints { seconds, bytes, cells }.
import { requireCidr } from '../../src/ip/index.ts';
import { keyOf, type KubeObject } from '../../src/kube/index.ts';
import { matrix, type PolicyWorld } from '../../src/policy/index.ts';
import { crowdNamespace, crowdPod, crowdPolicy, PODS_A_NAMESPACE, several } from './crowd.ts';

const [pods = 0, policies = 0] = process.argv.slice(2).map(Number);

function byKey<T extends KubeObject>(objects: readonly T[]): Map<string, T> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

const namespaces = Math.ceil(pods / PODS_A_NAMESPACE);
const crowd = several(pods, crowdPod);
const world: PolicyWorld = {
  namespaces: byKey(several(namespaces, crowdNamespace)),
  policies: byKey(several(policies, (index) => crowdPolicy(index, namespaces))),
  clusterPolicies: new Map(),
  nodes: new Map(),
  podRanges: [requireCidr('10.244.0.0/16')],
};
const before = process.memoryUsage.rss();
const begin = performance.now();
const found = matrix(world, crowd);
let cells = 0;
for (const from of found.groups.keys()) {
  for (const to of found.groups.keys()) cells += found.spans(from, to).length > 0 ? 1 : 0;
}
const seconds = (performance.now() - begin) / 1000;
const bytes = process.memoryUsage.rss() - before;
console.log(JSON.stringify({ seconds, bytes, groups: found.groups.length, cells }));
