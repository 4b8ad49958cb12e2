import {
  areRepeated,
  checkCidr,
  checkEnum,
  checkIp,
  checkOptionalEnum,
  checkPort,
  checkPortNumber,
  checkRequiredText,
  checkText,
  checkUnique,
  isUnset,
} from '../checks.ts';
import {
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../names.ts';
import { checkNotSpecial } from '../special-address.ts';
import { validateLabels } from '../validate-selector.ts';
import { protocols } from './container.ts';
import { isExternallyAccessible } from './service-defaults.ts';
import { isHeadless, type Service, type ServicePort, type ServiceSpec } from './service-types.ts';
import { validateServiceAddresses } from './validate-service-addresses.ts';

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const trafficPolicies = ['Cluster', 'Local'];

/** A day, in seconds. */
const maxAffinitySeconds = 86_400;

/** Checks a Service as `ValidateService` does; addresses and node ports are allocated by then. */
export function validateService(service: Service, root: FieldPath): FieldError[] {
  const { spec } = service;
  const path = root.child('spec');
  return [
    ...portListErrors(service, path.child('ports')),
    ...typeErrors(service, path),
    ...affinityErrors(spec, path),
    ...validateServiceAddresses(spec, path),
    ...validateLabels(spec.selector, path.child('selector')),
    ...(spec.externalIPs ?? []).flatMap((ip, position) =>
      checkExternalIp(path.child('externalIPs').index(position), ip),
    ),
    ...checkEnum(path.child('type'), spec.type, serviceTypes),
    ...loadBalancerErrors(spec, path),
    ...trafficPolicyErrors(spec, path),
    ...checkOptionalEnum(path.child('trafficDistribution'), spec.trafficDistribution, [
      'PreferClose',
      'PreferSameNode',
      'PreferSameZone',
    ]),
  ];
}

function portListErrors(service: Service, path: FieldPath): FieldError[] {
  const { ports = [], type } = service.spec;
  if (ports.length === 0) {
    return type === 'ExternalName' || isHeadless(service) ? [] : [fieldRequired(path)];
  }
  return [
    ...ports.flatMap((port, position) =>
      validatePort(port, path.index(position), ports.length > 1),
    ),
    ...checkUnique(
      ports.map(({ name }) => name),
      (position) => path.index(position).child('name'),
    ),
    ...repeatedPorts(ports, path),
    ...nodePortErrors(service.spec, path),
  ];
}

function validatePort(port: ServicePort, path: FieldPath, needsName: boolean): FieldError[] {
  const { name, port: number, protocol, targetPort, appProtocol } = port;
  return [
    ...(isUnset(name) && !needsName
      ? []
      : checkRequiredText(path.child('name'), name, dns1123Label)),
    ...checkPortNumber(path.child('port'), number ?? 0),
    ...checkEnum(path.child('protocol'), protocol, protocols),
    ...checkPort(path.child('targetPort'), targetPort ?? 0),
    ...(appProtocol === undefined
      ? []
      : checkText(path.child('appProtocol'), appProtocol, qualifiedName)),
  ];
}

/** One port number may serve two protocols, but not one protocol twice. */
function repeatedPorts(ports: readonly ServicePort[], path: FieldPath): FieldError[] {
  const isRepeated = areRepeated(ports.map(({ protocol, port }) => `${protocol}/${port}`));
  return ports.flatMap(({ protocol, port }, position) =>
    isRepeated[position] === true ? [fieldDuplicate(path.index(position), { port, protocol })] : [],
  );
}

function nodePortErrors({ ports = [], type }: ServiceSpec, path: FieldPath): FieldError[] {
  if (type === 'ClusterIP') {
    return ports.flatMap(({ nodePort = 0 }, position) =>
      nodePort === 0
        ? []
        : [
            fieldForbidden(
              path.index(position).child('nodePort'),
              "may not be used when `type` is 'ClusterIP'",
            ),
          ],
    );
  }
  const keys = ports.map(({ protocol, nodePort = 0 }) => `${protocol}/${nodePort}`);
  const isRepeated = areRepeated(keys);
  return ports.flatMap(({ nodePort = 0 }, position) =>
    nodePort !== 0 && isRepeated[position] === true
      ? [fieldDuplicate(path.index(position).child('nodePort'), nodePort)]
      : [],
  );
}

function typeErrors(service: Service, path: FieldPath): FieldError[] {
  const { type, externalName } = service.spec;
  if (type === 'ExternalName') {
    const text = externalName?.replace(/\.$/, '');
    return checkRequiredText(path.child('externalName'), text, dns1123Subdomain);
  }
  const needsAddress = type === 'LoadBalancer' || type === 'NodePort';
  return needsAddress && isHeadless(service)
    ? [
        fieldInvalid(
          path.child('clusterIPs').index(0),
          'None',
          `may not be set to 'None' for ${type} services`,
        ),
      ]
    : [];
}

function affinityErrors(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const config = path.child('sessionAffinityConfig');
  const errors = checkEnum(path.child('sessionAffinity'), spec.sessionAffinity, [
    'ClientIP',
    'None',
  ]);
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity !== 'ClientIP' || timeout === undefined) return errors;
  return timeout > 0 && timeout <= maxAffinitySeconds
    ? errors
    : [
        ...errors,
        fieldInvalid(
          config.child('clientIP', 'timeoutSeconds'),
          timeout,
          `must be greater than 0 and less than ${maxAffinitySeconds}`,
        ),
      ];
}

function checkExternalIp(path: FieldPath, ip: string): FieldError[] {
  const malformed = checkIp(path, ip);
  return malformed.length > 0 ? malformed : checkNotSpecial(path, ip);
}

const loadBalancerOnly = "may only be used when `type` is 'LoadBalancer'";

function loadBalancerErrors(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const { loadBalancerSourceRanges: ranges = [], loadBalancerClass: balancer } = spec;
  if (spec.type === 'LoadBalancer') {
    return [
      ...ranges.flatMap((range, position) =>
        checkCidr(path.child('loadBalancerSourceRanges').index(position), range.trim()),
      ),
      ...(balancer === undefined
        ? []
        : checkText(path.child('loadBalancerClass'), balancer, qualifiedName)),
    ];
  }
  const fields = [
    'loadBalancerSourceRanges',
    'allocateLoadBalancerNodePorts',
    'loadBalancerClass',
  ] as const;
  return fields
    .filter((field) => spec[field] !== undefined)
    .map((field) => fieldForbidden(path.child(field), loadBalancerOnly));
}

function trafficPolicyErrors(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const { externalTrafficPolicy: external, healthCheckNodePort = 0 } = spec;
  const needsHealthCheck = spec.type === 'LoadBalancer' && external === 'Local';
  return [
    ...(isExternallyAccessible(spec)
      ? checkEnum(path.child('externalTrafficPolicy'), external, trafficPolicies)
      : notExternal(external, path.child('externalTrafficPolicy'))),
    ...(healthCheckNodePort !== 0 && !needsHealthCheck
      ? [
          fieldInvalid(
            path.child('healthCheckNodePort'),
            healthCheckNodePort,
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
          ),
        ]
      : []),
    ...(spec.type === 'ExternalName'
      ? []
      : checkEnum(
          path.child('internalTrafficPolicy'),
          spec.internalTrafficPolicy,
          trafficPolicies,
        )),
  ];
}

function notExternal(policy: string | undefined, path: FieldPath): FieldError[] {
  return isUnset(policy)
    ? []
    : [fieldInvalid(path, policy, 'may only be set for externally-accessible services')];
}
