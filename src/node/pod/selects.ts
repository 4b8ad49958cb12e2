import { compileMapSelector, type Pod, type Service } from '../../kube/index.ts';

/** True when a Service sends to the pod by its labels. */
export function selects(service: Service | undefined, { metadata }: Pod): boolean {
  const selector = service?.spec.selector;
  if (selector === undefined || Object.keys(selector).length === 0) return false;
  return (
    service?.metadata.namespace === metadata.namespace &&
    compileMapSelector(selector).matches(metadata.labels ?? {})
  );
}
