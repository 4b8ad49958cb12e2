import { isIPv4, isIPv6 } from 'node:net';
import { checkIp, checkOptionalEnum, isUnset } from '../checks.ts';
import {
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import type { IpFamily, ServiceSpec } from './service-types.ts';

const families: readonly IpFamily[] = ['IPv4', 'IPv6'];

/**
 * Checks clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy against each other, as
 * `ValidateServiceClusterIPsRelatedFields` does: before addresses are allocated, and again after.
 */
export function validateServiceAddresses(spec: ServiceSpec, path: FieldPath): FieldError[] {
  if (spec.type === 'ExternalName') return externalNameErrors(spec, path);
  const standAlone = standAloneErrors(spec, path);
  const { clusterIPs = [] } = spec;
  const malformed = clusterIPs.flatMap((ip, position) => {
    const isHeadless = position === 0 && ip === 'None';
    return isHeadless ? [] : checkIp(path.child('clusterIPs').index(position), ip);
  });
  // With a malformed address the comparisons below would only add noise.
  if (malformed.length > 0) return [...standAlone, ...malformed];
  return [...standAlone, ...countErrors(clusterIPs, path), ...familyErrors(spec, path)];
}

function externalNameErrors(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const message = 'may not be set for ExternalName services';
  const isSet = {
    clusterIP: !isUnset(spec.clusterIP),
    clusterIPs: (spec.clusterIPs ?? []).length > 0,
    ipFamilies: (spec.ipFamilies ?? []).length > 0,
    ipFamilyPolicy: spec.ipFamilyPolicy !== undefined,
  };
  return Object.entries(isSet)
    .filter(([, set]) => set)
    .map(([field]) => fieldForbidden(path.child(field), message));
}

function standAloneErrors(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const { ipFamilies = [] } = spec;
  const at = path.child('ipFamilies');
  return [
    ...primaryErrors(spec, path.child('clusterIPs')),
    ...ipFamilies.flatMap((family, position) => {
      if (!families.includes(family)) {
        return [fieldNotSupported(at.index(position), family, families)];
      }
      return ipFamilies.indexOf(family) < position
        ? [fieldDuplicate(at.index(position), family)]
        : [];
    }),
    ...checkOptionalEnum(path.child('ipFamilyPolicy'), spec.ipFamilyPolicy, [
      'SingleStack',
      'PreferDualStack',
      'RequireDualStack',
    ]),
  ];
}

/** The old single field always repeats the first entry of the list. */
function primaryErrors({ clusterIP, clusterIPs = [] }: ServiceSpec, path: FieldPath): FieldError[] {
  if (isUnset(clusterIP)) {
    return clusterIPs.length === 0
      ? []
      : [fieldInvalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  }
  if (clusterIPs.length === 0) return [fieldRequired(path)];
  return clusterIPs[0] === clusterIP
    ? []
    : [fieldInvalid(path, clusterIPs, 'first value must match `clusterIP`')];
}

function countErrors(clusterIPs: readonly string[], path: FieldPath): FieldError[] {
  const at = path.child('clusterIPs');
  const isMixed = clusterIPs.some(isIPv4) && clusterIPs.some(isIPv6);
  if (clusterIPs[0] === 'None') {
    return clusterIPs.length === 1
      ? []
      : [fieldInvalid(at, clusterIPs, "'None' must be the first and only value")];
  }
  if (clusterIPs.length > 2) return [fieldInvalid(at, clusterIPs, 'may only hold up to 2 values')];
  return clusterIPs.length < 2 || isMixed
    ? []
    : [fieldInvalid(at, clusterIPs, 'may specify no more than one IP for each IP family')];
}

function familyErrors(
  { clusterIPs = [], ipFamilies = [] }: ServiceSpec,
  path: FieldPath,
): FieldError[] {
  if (clusterIPs[0] === 'None') return [];
  return clusterIPs.flatMap((ip, position) => {
    const wanted = ipFamilies[position];
    const actual = isIPv4(ip) ? 'IPv4' : 'IPv6';
    if (wanted === undefined || wanted === actual) return [];
    return [
      fieldInvalid(
        path.child('clusterIPs').index(position),
        ip,
        `expected an ${wanted} value as indicated by \`ipFamilies[${position}]\``,
      ),
    ];
  });
}
