import { parseAddress } from '../../ip/index.ts';
import { areRepeated, checkOptionalText, checkOptionalEnum } from '../checks.ts';
import {
  fieldDuplicate,
  fieldInvalid,
  fieldRequired,
  fieldTooMany,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../names.ts';
import { checkNotSpecial } from '../special-address.ts';
import type { AddressType, Endpoint, EndpointPort, EndpointSlice } from './endpoint-slice.ts';

const maxEndpoints = 1000;
const maxAddresses = 100;
/** More than the field's own description says: headless Services may have any number of ports. */
const maxPorts = 20_000;
const maxZones = 8;

/** `IsFullyQualifiedDomainName`: at least two labels, with or without the dot at the end. */
function domainErrors(text: string, path: FieldPath): FieldError[] {
  const name = text.replace(/\.$/, '');
  if (name === '') return [fieldRequired(path)];
  if (name.includes('.')) return checkOptionalText(path, name, dns1123Subdomain);
  const message = 'should be a domain with at least two segments separated by dots';
  return [fieldInvalid(path, name, message)];
}

function addressErrors(text: string, type: AddressType, path: FieldPath): FieldError[] {
  if (type === 'FQDN') return domainErrors(text, path);
  const address = parseAddress(text);
  if (address === undefined || `IPv${address.family}` !== type) {
    return [fieldInvalid(path, text, `must be an ${type} address`)];
  }
  return checkNotSpecial(path, text);
}

function addressesErrors(endpoint: Endpoint, type: AddressType, path: FieldPath): FieldError[] {
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) return [fieldRequired(path, 'must contain at least 1 address')];
  if (addresses.length > maxAddresses) {
    return [fieldTooMany(path, addresses.length, maxAddresses)];
  }
  return addresses.flatMap((text, at) => addressErrors(text, type, path.index(at)));
}

function endpointErrors(endpoint: Endpoint, type: AddressType, path: FieldPath): FieldError[] {
  const zones = endpoint.hints?.forZones ?? [];
  return [
    ...addressesErrors(endpoint, type, path.child('addresses')),
    ...checkOptionalText(path.child('nodeName'), endpoint.nodeName, dns1123Subdomain),
    ...checkOptionalText(path.child('hostname'), endpoint.hostname, dns1123Label),
    ...(zones.length > maxZones
      ? [fieldTooMany(path.child('hints', 'forZones'), zones.length, maxZones)]
      : []),
  ];
}

function portErrors(port: EndpointPort, isRepeated: boolean, path: FieldPath): FieldError[] {
  const name = port.name ?? '';
  return [
    ...(isRepeated ? [fieldDuplicate(path.child('name'), name)] : []),
    ...(name === '' ? [] : checkOptionalText(path.child('name'), name, dns1123Label)),
    ...checkOptionalEnum(path.child('protocol'), port.protocol, ['TCP', 'UDP', 'SCTP']),
    ...checkOptionalText(path.child('appProtocol'), port.appProtocol, qualifiedName),
  ];
}

function portsErrors(ports: readonly EndpointPort[], path: FieldPath): FieldError[] {
  if (ports.length > maxPorts) return [fieldTooMany(path, ports.length, maxPorts)];
  const isRepeated = areRepeated(ports.map(({ name }) => name ?? ''));
  return ports.flatMap((port, at) => portErrors(port, isRepeated[at] === true, path.index(at)));
}

/** Checks a slice as `ValidateEndpointSlice` does. */
export function validateEndpointSlice(slice: EndpointSlice, path: FieldPath): FieldError[] {
  const { addressType, endpoints, ports = [] } = slice;
  const at = path.child('endpoints');
  return [
    ...(addressType === undefined
      ? [fieldRequired(path.child('addressType'), 'must specify an address type')]
      : checkOptionalEnum(path.child('addressType'), addressType, ['FQDN', 'IPv4', 'IPv6'])),
    ...(endpoints.length > maxEndpoints
      ? [fieldTooMany(at, endpoints.length, maxEndpoints)]
      : endpoints.flatMap((endpoint, index) =>
          endpointErrors(endpoint, addressType, at.index(index)),
        )),
    ...portsErrors(ports, path.child('ports')),
  ];
}
