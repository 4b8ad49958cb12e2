import type { KindDefinition, KubeObject } from '../../kube/index.ts';
import type { AdmissionRequest } from './contract.ts';

export function isKind(
  request: AdmissionRequest,
  kind: Pick<KindDefinition, 'group' | 'plural'>,
): boolean {
  return request.kind.group === kind.group && request.kind.plural === kind.plural;
}

/**
 * The object that is being created, typed; undefined when the request is anything else. The caller changes it in
 * place.
 */
export function created<T extends KubeObject>(
  request: AdmissionRequest,
  kind: KindDefinition<T>,
): T | undefined {
  const isWanted =
    request.operation === 'CREATE' && request.subresource === '' && isKind(request, kind);
  return isWanted ? (request.object as unknown as T) : undefined;
}
