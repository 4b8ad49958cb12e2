import { recordTypes, type ResourceRecord } from '../../dnswire/index.ts';
import { keyOf, type Service } from '../../kube/index.ts';
import { isAsked, nameRecord } from '../reply.ts';
import { missing, present, type ClusterContext, type Finding } from './lookup.ts';
import { reverseIndexOf } from './reverse-index.ts';
import { addressOfReverseName } from './reverse-name.ts';

/** Pointers: of cluster IPs to their Service, of ready endpoints of headless Services to their own names. */
export function findPointer(
  question: { readonly name: string; readonly key: string; readonly type: number },
  context: ClusterContext,
): Finding {
  const address = addressOfReverseName(question.key);
  if (address === undefined) return missing('NO_SUCH_ADDRESS');
  const { world, selection } = context;
  const { usesPodNames, hidesEndpoints, ttl, zones } = selection.settings;
  const index = reverseIndexOf(world.snapshot, usesPodNames);
  const isServed = (service: Service): boolean =>
    selection.hasNames(service) &&
    selection.refusesNamespace(service.metadata.namespace ?? '', world) === undefined;
  const nameOf = ({ metadata }: Service): string =>
    `${metadata.name}.${metadata.namespace}.svc.${zones[0]}`;
  const pointer = (target: string): ResourceRecord[] =>
    isAsked(recordTypes.PTR, question.type)
      ? [nameRecord(question.name, recordTypes.PTR, { target, ttl })]
      : [];
  const service = index.services.get(address);
  if (service !== undefined && isServed(service)) {
    return present(pointer(nameOf(service)), 'REVERSE_SERVICE', `Service ${keyOf(service)}`);
  }
  const known = hidesEndpoints ? [] : (index.endpoints.get(address) ?? []);
  const endpoints = known.filter(({ service }) => isServed(service));
  const [first] = endpoints;
  if (first === undefined) return missing('NO_SUCH_ADDRESS');
  const names = endpoints.map(({ service, hostname }) => `${hostname}.${nameOf(service)}`);
  return present(names.flatMap(pointer), 'REVERSE_ENDPOINT', `Service ${keyOf(first.service)}`);
}
