import { compareQuantities, tryParseQuantity, type Quantity } from '../quantity.ts';
import type { Container, ResourceList } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import type { QosClass } from './pod-types.ts';

const counted = ['cpu', 'memory'];

function amount(list: ResourceList | undefined, name: string): Quantity | undefined {
  const quantity = list?.[name] === undefined ? undefined : tryParseQuantity(list[name]);
  return quantity !== undefined && quantity.nano > 0n ? quantity : undefined;
}

function isUnconstrained({ resources }: Container): boolean {
  return counted.every(
    (name) =>
      amount(resources?.limits, name) === undefined &&
      amount(resources?.requests, name) === undefined,
  );
}

function isGuaranteed({ resources }: Container): boolean {
  return counted.every((name) => {
    const limit = amount(resources?.limits, name);
    const request = amount(resources?.requests, name) ?? limit;
    return limit !== undefined && request !== undefined && compareQuantities(limit, request) === 0;
  });
}

/** The class that decides who is evicted first; cpu and memory of all containers count, init ones too. */
export function qosClass(spec: PodSpec): QosClass {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  if (containers.every(isUnconstrained)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}
