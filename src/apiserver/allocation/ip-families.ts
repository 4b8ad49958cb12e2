import { isIPv6 } from 'node:net';
import {
  fieldInvalid,
  FieldPath,
  validateServiceAddresses,
  type FieldError,
  type IpFamily,
  type Service,
} from '../../kube/index.ts';

const spec = new FieldPath('spec');
const policyPath = spec.child('ipFamilyPolicy');

/** The families of the cluster's ServiceCIDRs, the default one first. */
export type ClusterFamilies = readonly IpFamily[];

export function familyOf(ip: string): IpFamily {
  return isIPv6(ip) ? 'IPv6' : 'IPv4';
}

function otherFamily(family: IpFamily): IpFamily {
  return family === 'IPv4' ? 'IPv6' : 'IPv4';
}

function isSameList(one: readonly string[] = [], two: readonly string[] = []): boolean {
  return one.length === two.length && one.every((value, position) => value === two[position]);
}

function isSelectorlessHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
}

/** PreferDualStack is a wish of the moment of writing: a Service never gains or loses a family by itself. */
function isSettled(next: Service, previous: Service | undefined): boolean {
  if (previous === undefined) return false;
  return (
    next.spec.ipFamilyPolicy === 'PreferDualStack' &&
    previous.spec.ipFamilyPolicy === 'PreferDualStack' &&
    isSameList(next.spec.clusterIPs, previous.spec.clusterIPs) &&
    isSameList(next.spec.ipFamilies, previous.spec.ipFamilies)
  );
}

/**
 * Fills in ipFamilyPolicy and ipFamilies (KEP-563), in place, as the API server does before it allocates.
 * @returns what cannot be: then the Service is refused.
 */
export function fillIpFamilies(
  next: Service,
  previous: Service | undefined,
  cluster: ClusterFamilies,
): FieldError[] {
  if (next.spec.type === 'ExternalName' || isSettled(next, previous)) return [];
  next.spec.ipFamilyPolicy ??= previous?.spec.ipFamilyPolicy ?? defaultPolicy(next);
  const malformed = validateServiceAddresses(next.spec, spec);
  if (malformed.length > 0) return malformed;
  const errors = [
    ...(previous === undefined ? [] : reduce(next, previous)),
    ...singleStackErrors(next),
    ...inferFamilies(next, cluster),
  ];
  if (errors.length > 0) return errors;
  if (isSelectorlessHeadless(next)) {
    // Nothing is allocated and its endpoints are the user's own: families the cluster lacks are fine.
    completeFamilies(next, cluster, true);
    return [];
  }
  const unserved = clusterErrors(next, cluster);
  if (unserved.length === 0) completeFamilies(next, cluster, cluster.length === 2);
  return unserved;
}

function defaultPolicy(service: Service): 'SingleStack' | 'RequireDualStack' {
  return isSelectorlessHeadless(service) ? 'RequireDualStack' : 'SingleStack';
}

/** SingleStack, set while the lists stay as they are, says: let the secondary one go. */
function reduce(next: Service, previous: Service): FieldError[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = next.spec;
  if (ipFamilyPolicy === 'SingleStack') {
    if (isSameList(clusterIPs, previous.spec.clusterIPs))
      next.spec.clusterIPs = clusterIPs.slice(0, 1);
    if (isSameList(ipFamilies, previous.spec.ipFamilies))
      next.spec.ipFamilies = ipFamilies.slice(0, 1);
    return [];
  }
  const { clusterIPs: oldIPs = [], ipFamilies: oldFamilies = [] } = previous.spec;
  const isReduced = (now: readonly string[], before: readonly string[]): boolean =>
    now.length === 1 && before.length === 2 && now[0] === before[0];
  return [
    ...(isReduced(clusterIPs, oldIPs)
      ? [
          fieldInvalid(
            policyPath,
            ipFamilyPolicy,
            "must be 'SingleStack' to release the secondary cluster IP",
          ),
        ]
      : []),
    ...(isReduced(ipFamilies, oldFamilies)
      ? [
          fieldInvalid(
            policyPath,
            ipFamilyPolicy,
            "must be 'SingleStack' to release the secondary IP family",
          ),
        ]
      : []),
  ];
}

function singleStackErrors({
  spec: { ipFamilyPolicy, clusterIPs = [], ipFamilies = [] },
}: Service): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return [];
  const error = (noun: string): FieldError =>
    fieldInvalid(
      policyPath,
      ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${noun} are specified`,
    );
  return [
    ...(clusterIPs.length === 2 ? [error('cluster IPs')] : []),
    ...(ipFamilies.length === 2 ? [error('IP families')] : []),
  ];
}

/** An address that the user chose names its family. */
function inferFamilies({ spec: service }: Service, cluster: ClusterFamilies): FieldError[] {
  const { clusterIPs = [] } = service;
  if (clusterIPs[0] === 'None') return [];
  const known = service.ipFamilies ?? [];
  const inferred = clusterIPs.slice(known.length).map(familyOf);
  if (inferred.length > 0) service.ipFamilies = [...known, ...inferred];
  return inferred.flatMap((family, position) =>
    cluster.includes(family)
      ? []
      : [
          fieldInvalid(
            spec.child('clusterIPs').index(known.length + position),
            clusterIPs,
            `${family} is not configured on this cluster`,
          ),
        ],
  );
}

function clusterErrors({ spec: service }: Service, cluster: ClusterFamilies): FieldError[] {
  const isUnservable = service.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2;
  return [
    ...(isUnservable
      ? [
          fieldInvalid(
            policyPath,
            service.ipFamilyPolicy,
            'this cluster is not configured for dual-stack services',
          ),
        ]
      : []),
    ...(service.ipFamilies ?? []).flatMap((family, position) =>
      cluster.includes(family)
        ? []
        : [
            fieldInvalid(
              spec.child('ipFamilies').index(position),
              family,
              'not configured on this cluster',
            ),
          ],
    ),
  ];
}

function completeFamilies(
  { spec: service }: Service,
  cluster: ClusterFamilies,
  hasBoth: boolean,
): void {
  const [first = 'IPv4'] = cluster;
  const families = service.ipFamilies ?? [];
  service.ipFamilies = families.length === 0 ? [first] : families;
  const [primary = first, secondary] = service.ipFamilies;
  if (secondary === undefined && hasBoth && service.ipFamilyPolicy !== 'SingleStack') {
    service.ipFamilies = [primary, otherFamily(primary)];
  }
}
