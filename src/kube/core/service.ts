import { checkIp, isUnset } from '../checks.ts';
import { fieldForbidden, fieldInvalid, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import { serviceName } from '../names.ts';
import { serviceColumns } from './service-columns.ts';
import { defaultService } from './service-defaults.ts';
import type { LoadBalancerIngress, Service } from './service-types.ts';
import { dropTypeDependentFields, validateServiceUpdate } from './service-update.ts';
import { validateService } from './validate-service.ts';

export const serviceKind: KindDefinition<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  schema: 'io.k8s.api.core.v1.Service',
  namespaced: true,
  hasStatus: true,
  hasGeneration: false,
  columns: serviceColumns,
  fields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
  defaults: defaultService,
  prepareCreate: (service) => {
    service.status = { loadBalancer: {} };
  },
  prepareUpdate: (next, previous) => {
    dropTypeDependentFields(next.spec, previous.spec);
    next.status = next.spec.type === 'LoadBalancer' ? previous.status : { loadBalancer: {} };
  },
  validateName: serviceName,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatus,
};

function validateStatus({ spec, status }: Service): FieldError[] {
  const path = new FieldPath('status.loadBalancer.ingress');
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0 && spec.type !== 'LoadBalancer') {
    return [fieldForbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return ingress.flatMap((entry, position) => validateIngress(entry, path.index(position)));
}

function validateIngress({ ip, hostname }: LoadBalancerIngress, path: FieldPath): FieldError[] {
  return [
    ...(isUnset(ip) ? [] : checkIp(path.child('ip'), ip)),
    ...(!isUnset(hostname) && /^[\d.]+$/.test(hostname)
      ? [fieldInvalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address')]
      : []),
  ];
}
