import { checkIp, checkOptionalEnum, checkPresent, checkText } from '../checks.ts';
import { fieldInvalid, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import { dns1123Subdomain } from '../names.ts';
import type { PodDnsConfig, PodSpec } from './pod-spec.ts';

/** The limits of the resolver, `resolv.conf(5)` and `pkg/apis/core/validation`. */
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;

export function validateDns({ dnsPolicy, dnsConfig }: PodSpec, path: FieldPath): FieldError[] {
  const config = path.child('dnsConfig');
  return [
    ...checkOptionalEnum(path.child('dnsPolicy'), dnsPolicy, [
      'ClusterFirst',
      'ClusterFirstWithHostNet',
      'Default',
      'None',
    ]),
    ...(dnsPolicy === 'None' ? needsNameserver(dnsConfig, config) : []),
    ...(dnsConfig === undefined ? [] : validateConfig(dnsConfig, config)),
  ];
}

function needsNameserver(config: PodDnsConfig | undefined, path: FieldPath): FieldError[] {
  if (config === undefined) {
    return [fieldRequired(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  }
  return (config.nameservers ?? []).length > 0
    ? []
    : [
        fieldRequired(
          path.child('nameservers'),
          'must provide at least one DNS nameserver when `dnsPolicy` is None',
        ),
      ];
}

function validateConfig(config: PodDnsConfig, path: FieldPath): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config;
  return [
    ...tooMany(path.child('nameservers'), nameservers, maxNameservers, 'nameservers'),
    ...nameservers.flatMap((ip, position) =>
      checkIp(path.child('nameservers').index(position), ip),
    ),
    ...tooMany(path.child('searches'), searches, maxSearches, 'search paths'),
    ...(searches.join(' ').length > maxSearchCharacters
      ? [
          fieldInvalid(
            path.child('searches'),
            searches,
            `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`,
          ),
        ]
      : []),
    ...searches.flatMap((search, position) =>
      checkSearch(path.child('searches').index(position), search),
    ),
    ...options.flatMap(({ name }, position) =>
      checkPresent(path.child('options').index(position), name, 'must not be empty'),
    ),
  ];
}

function tooMany(
  path: FieldPath,
  values: readonly string[],
  maximum: number,
  noun: string,
): FieldError[] {
  return values.length > maximum
    ? [fieldInvalid(path, values, `must not have more than ${maximum} ${noun}`)]
    : [];
}

/** A single dot is the root; underscores in labels are allowed since Kubernetes 1.34 (KEP-4427). */
function checkSearch(path: FieldPath, search: string): FieldError[] {
  if (search === '.') return [];
  return checkText(path, search.replace(/\.$/, '').replaceAll('_', 'x'), dns1123Subdomain);
}
