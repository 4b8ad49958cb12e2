import { availableParallelism, totalmem } from 'node:os';
import { Fault } from '../../fault/index.ts';
import { parseQuantity, quantityMilliValue, type Container, type Pod } from '../../kube/index.ts';

/** What the downward API knows beyond the pod object. */
export interface DownwardFacts {
  readonly nodeName: string;
  readonly nodeIPs: readonly string[];
  readonly podIPs: readonly string[];
}

function mapText(entries: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(entries ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/**
 * The value of a `fieldRef` (core/v1 ObjectFieldSelector).
 * @throws Fault `CREATE_CONTAINER_CONFIG_ERROR` for a path the API does not offer.
 */
export function podField(path: string, pod: Pod, facts: DownwardFacts): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript !== null) {
    const entries = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
    return entries?.[subscript[2] ?? ''] ?? '';
  }
  const fields: Record<string, () => string> = {
    'metadata.name': () => pod.metadata.name,
    'metadata.namespace': () => pod.metadata.namespace ?? '',
    'metadata.uid': () => pod.metadata.uid ?? '',
    'metadata.labels': () => mapText(pod.metadata.labels),
    'metadata.annotations': () => mapText(pod.metadata.annotations),
    'spec.nodeName': () => facts.nodeName,
    'spec.serviceAccountName': () => pod.spec.serviceAccountName ?? 'default',
    'status.hostIP': () => facts.nodeIPs[0] ?? '',
    'status.hostIPs': () => facts.nodeIPs.join(','),
    'status.podIP': () => facts.podIPs[0] ?? '',
    'status.podIPs': () => facts.podIPs.join(','),
  };
  const field = fields[path];
  if (field === undefined) {
    throw new Fault({
      code: 'CREATE_CONTAINER_CONFIG_ERROR',
      message: `unsupported fieldPath: ${path}`,
      advice: `Use one of ${Object.keys(fields).join(', ')}.`,
    });
  }
  return field();
}

/** What a missing limit means: all that the machine has, in thousandths. */
function machineAmount(resource: string): number {
  if (resource === 'cpu') return availableParallelism() * 1000;
  return resource === 'memory' ? totalmem() * 1000 : 0;
}

/** The value of a `resourceFieldRef`, in units of its divisor, rounded up. */
export function containerField(
  reference: { resource: string; divisor?: string | number },
  container: Container,
): string {
  const [, list, resource] = /^(limits|requests)\.(.+)$/.exec(reference.resource) ?? [];
  if (list === undefined || resource === undefined) {
    throw new Fault({
      code: 'CREATE_CONTAINER_CONFIG_ERROR',
      message: `unsupported resource: ${reference.resource}`,
      advice: 'Use limits.cpu, limits.memory, requests.cpu or requests.memory.',
    });
  }
  const amounts = list === 'limits' ? container.resources?.limits : container.resources?.requests;
  const text = amounts?.[resource];
  const amount = text === undefined ? machineAmount(resource) : thousandths(text);
  const divisor = thousandths(String(reference.divisor ?? '1')) || 1000;
  return String(Math.ceil(amount / divisor));
}

function thousandths(text: string | number): number {
  return Number(quantityMilliValue(parseQuantity(text)));
}
