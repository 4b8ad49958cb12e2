import { checkEnum, checkIp, checkOptionalText, checkPortNumber, checkText } from '../checks.ts';
import { ageColumn, column, nameColumn, none } from '../columns.ts';
import { fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, ObjectReference } from '../meta.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../names.ts';
import { checkNotSpecial } from '../special-address.ts';
import { protocols, type Protocol } from './container.ts';

export interface EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: ObjectReference;
}

export interface EndpointPort {
  name?: string;
  port: number;
  protocol?: Protocol;
  appProtocol?: string;
}

/** Every address with every port. */
export interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: EndpointPort[];
}

export interface Endpoints extends KubeObject {
  subsets?: EndpointSubset[];
}

export const endpointsKind: KindDefinition<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  schema: 'io.k8s.api.core.v1.Endpoints',
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Endpoints', 'Ready addresses and ports.', formatEndpoints),
    ageColumn,
  ],
  defaults: ({ subsets }) => {
    for (const { ports } of subsets ?? []) {
      for (const port of ports ?? []) port.protocol ??= 'TCP';
    }
  },
  validate: ({ subsets }, path) =>
    (subsets ?? []).flatMap((subset, position) =>
      validateSubset(subset, path.child('subsets').index(position)),
    ),
};

/** How many are shown before `+ N more...`. */
const shownEndpoints = 3;

function formatEndpoints({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return none;
  const all = subsets.flatMap(endpointTexts);
  const shown = all.slice(0, shownEndpoints).join(',');
  return all.length > shownEndpoints ? `${shown} + ${all.length - shownEndpoints} more...` : shown;
}

function endpointTexts({ addresses = [], ports = [] }: EndpointSubset): string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) =>
    addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
  );
}

function validateSubset(subset: EndpointSubset, path: FieldPath): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const isEmpty = addresses.length === 0 && notReadyAddresses.length === 0;
  return [
    ...(isEmpty ? [fieldRequired(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...addresses.flatMap((address, position) =>
      validateAddress(address, path.child('addresses').index(position)),
    ),
    ...notReadyAddresses.flatMap((address, position) =>
      validateAddress(address, path.child('notReadyAddresses').index(position)),
    ),
    ...ports.flatMap((port, position) =>
      validatePort(port, path.child('ports').index(position), ports.length > 1),
    ),
  ];
}

function validateAddress(
  { ip, hostname, nodeName }: EndpointAddress,
  path: FieldPath,
): FieldError[] {
  return [
    ...checkIp(path.child('ip'), ip),
    ...(hostname === undefined || hostname === ''
      ? []
      : checkText(path.child('hostname'), hostname, dns1123Label)),
    ...checkOptionalText(path.child('nodeName'), nodeName, dns1123Subdomain),
    ...checkNotSpecial(path.child('ip'), ip),
  ];
}

function validatePort(port: EndpointPort, path: FieldPath, needsName: boolean): FieldError[] {
  const { name = '' } = port;
  const nameErrors = name === '' ? [] : checkText(path.child('name'), name, dns1123Label);
  return [
    ...(needsName && name === '' ? [fieldRequired(path.child('name'))] : nameErrors),
    ...checkPortNumber(path.child('port'), port.port),
    ...checkEnum(path.child('protocol'), port.protocol, protocols),
    ...checkOptionalText(path.child('appProtocol'), port.appProtocol, qualifiedName),
  ];
}
