import { checkOptionalText } from '../checks.ts';
import { fieldInvalid, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import { pathSegmentName, portName, portNumber, serviceName } from '../names.ts';

export interface IngressServiceBackend {
  name: string;
  port?: { name?: string; number?: number };
}

/** `networking.k8s.io/v1 IngressBackend`: exactly one of the two. */
export interface IngressBackend {
  service?: IngressServiceBackend;
  resource?: { apiGroup?: string; kind: string; name: string };
}

function servicePortErrors(
  { name = '', number = 0 }: { name?: string; number?: number },
  path: FieldPath,
  backend: FieldPath,
): FieldError[] {
  if (name !== '' && number !== 0) {
    return [fieldInvalid(path, '', 'cannot set both port name & port number')];
  }
  if (name !== '') return checkOptionalText(path.child('name'), name, portName);
  if (number === 0) return [fieldRequired(backend, 'port name or number is required')];
  return portNumber(number).map((message) => fieldInvalid(path.child('number'), number, message));
}

function serviceErrors(service: IngressServiceBackend, path: FieldPath): FieldError[] {
  const at = path.child('service');
  const name = service.name ?? '';
  return [
    ...(name === ''
      ? [fieldRequired(at.child('name'))]
      : checkOptionalText(at.child('name'), name, serviceName)),
    ...servicePortErrors(service.port ?? {}, at.child('port'), path),
  ];
}

function resourceErrors(
  resource: NonNullable<IngressBackend['resource']>,
  path: FieldPath,
): FieldError[] {
  return (['kind', 'name'] as const).flatMap((field) => {
    const value = resource[field] ?? '';
    const at = path.child('resource', field);
    return value === '' ? [fieldRequired(at)] : checkOptionalText(at, value, pathSegmentName);
  });
}

/** Checks one backend as `validateIngressBackend` does. */
export function validateBackend(
  { service, resource }: IngressBackend,
  path: FieldPath,
): FieldError[] {
  if (resource !== undefined) {
    return service === undefined
      ? resourceErrors(resource, path)
      : [fieldInvalid(path, '', 'cannot set both resource and service backends')];
  }
  if (service !== undefined) return serviceErrors(service, path);
  return [fieldInvalid(path, '', 'resource or service backend is required')];
}
