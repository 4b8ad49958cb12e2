import {
  checkNotNegative,
  checkOptionalEnum,
  checkPort,
  checkPortNumber,
  checkPresent,
  checkText,
} from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import type { Check } from '../names.ts';
import type { Container } from './container.ts';
import type { HTTPGetAction, LifecycleHandler, Probe, ProbeHandler } from './probe.ts';

const seconds = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

/** Checks the three probes and the two lifecycle hooks of a container. */
export function validateProbes(container: Container, path: FieldPath): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [
    ...(lifecycle?.postStart === undefined
      ? []
      : validateHandler(lifecycle.postStart, path.child('lifecycle', 'postStart'))),
    ...(lifecycle?.preStop === undefined
      ? []
      : validateHandler(lifecycle.preStop, path.child('lifecycle', 'preStop'))),
    ...validateProbe(livenessProbe, path.child('livenessProbe')),
    ...needsOneSuccess(livenessProbe, path.child('livenessProbe')),
    ...validateProbe(readinessProbe, path.child('readinessProbe')),
    ...(readinessProbe?.terminationGracePeriodSeconds === undefined
      ? []
      : [
          fieldInvalid(
            path.child('readinessProbe', 'terminationGracePeriodSeconds'),
            readinessProbe.terminationGracePeriodSeconds,
            'must not be set for readinessProbes',
          ),
        ]),
    ...validateProbe(startupProbe, path.child('startupProbe')),
    ...needsOneSuccess(startupProbe, path.child('startupProbe')),
  ];
}

function validateProbe(probe: Probe | undefined, path: FieldPath): FieldError[] {
  if (probe === undefined) return [];
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(probe, path),
    ...seconds.flatMap((field) => checkNotNegative(path.child(field), probe[field])),
    ...(grace !== undefined && grace <= 0
      ? [fieldInvalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0')]
      : []),
  ];
}

/** A container that failed a liveness or startup probe is gone: there is nothing to succeed twice. */
function needsOneSuccess(probe: Probe | undefined, path: FieldPath): FieldError[] {
  return probe?.successThreshold === undefined || probe.successThreshold === 1
    ? []
    : [fieldInvalid(path.child('successThreshold'), probe.successThreshold, 'must be 1')];
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** Exactly one handler, and that one well formed. */
function validateHandler(handler: ProbeHandler & LifecycleHandler, path: FieldPath): FieldError[] {
  const [first, ...others] = handlers.filter((field) => handler[field] !== undefined);
  if (first === undefined) return [fieldRequired(path, 'must specify a handler type')];
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  return [
    ...others.map((field) =>
      fieldForbidden(path.child(field), 'may not specify more than 1 handler type'),
    ),
    ...(exec !== undefined && (exec.command ?? []).length === 0
      ? [fieldRequired(path.child('exec', 'command'))]
      : []),
    ...(httpGet === undefined ? [] : validateHttpGet(httpGet, path.child('httpGet'))),
    ...(tcpSocket === undefined ? [] : checkPort(path.child('tcpSocket', 'port'), tcpSocket.port)),
    ...(grpc === undefined ? [] : checkPortNumber(path.child('grpc', 'port'), grpc.port)),
    ...(sleep === undefined ? [] : checkNotNegative(path.child('sleep', 'seconds'), sleep.seconds)),
  ];
}

/** A token of RFC 9110 section 5.6.2, as Kubernetes narrows it. */
const httpHeaderName: Check = (name) =>
  /^[-A-Za-z0-9]+$/.test(name)
    ? []
    : [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ];

function validateHttpGet(action: HTTPGetAction, path: FieldPath): FieldError[] {
  return [
    ...checkPresent(path.child('path'), action.path),
    ...checkPort(path.child('port'), action.port),
    ...checkOptionalEnum(path.child('scheme'), action.scheme, ['HTTP', 'HTTPS']),
    ...(action.httpHeaders ?? []).flatMap(({ name }) =>
      checkText(path.child('httpHeaders'), name, httpHeaderName),
    ),
  ];
}
