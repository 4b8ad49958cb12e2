import { formatAddress, parseAddress } from '../../ip/index.ts';
import { keyOf } from '../../kube/index.ts';
import { addressRecord, addressType, isAsked } from '../reply.ts';
import {
  missing,
  present,
  type ClusterContext,
  type ClusterQuestion,
  type Finding,
} from './lookup.ts';
import { hostPodsOf } from './host-pods.ts';

/** `192-168-10-100` or `fd00-10-244--7`: an address whose separators are dashes. */
function addressOf(label: string): string | undefined {
  const isV4 = /^\d+-\d+-\d+-\d+$/.test(label);
  const address = parseAddress(label.replaceAll('-', isV4 ? '.' : ':'));
  return address === undefined ? undefined : formatAddress(address);
}

/** `ADDRESS.NAMESPACE.pod.ZONE`, with the address in dashes: not part of the schema, but of what people use. */
export function findPodName(question: ClusterQuestion, context: ClusterContext): Finding {
  const { labels, type, name } = question;
  const { world, selection } = context;
  const { pods, ttl } = selection.settings;
  const [label = '', namespace = ''] = labels;
  if (labels.length !== 3) return missing('NO_SUCH_NAME');
  const address = addressOf(label);
  if (address === undefined) return missing('NO_SUCH_NAME');
  const records = isAsked(addressType(address), type) ? [addressRecord(name, address, ttl)] : [];
  if (pods === 'insecure') return present(records, 'POD_ADDRESS');
  const own = world.snapshot.podsByIP.get(address);
  const pod =
    own?.metadata.namespace === namespace
      ? own
      : hostPodsOf(world.snapshot).get(`${namespace}/${address}`);
  if (pod === undefined) return missing('NO_SUCH_POD');
  return present(records, 'POD_ADDRESS', `Pod ${keyOf(pod)}`);
}
