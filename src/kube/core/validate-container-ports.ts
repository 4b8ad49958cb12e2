import { checkEnum, checkPortNumber, checkText, checkUnique, checkIp, isUnset } from '../checks.ts';
import { fieldDuplicate, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import { portName } from '../names.ts';
import { protocols, type Container, type ContainerPort } from './container.ts';

export function validateContainerPorts(
  ports: readonly ContainerPort[],
  path: FieldPath,
): FieldError[] {
  return [
    ...ports.flatMap((port, position) => validatePort(port, path.index(position))),
    ...checkUnique(
      ports.map(({ name }) => name),
      (position) => path.index(position).child('name'),
    ),
  ];
}

function validatePort(port: ContainerPort, path: FieldPath): FieldError[] {
  const { name, containerPort, hostPort = 0, hostIP } = port;
  return [
    ...(isUnset(name) ? [] : checkText(path.child('name'), name, portName)),
    ...((containerPort ?? 0) === 0
      ? [fieldRequired(path.child('containerPort'))]
      : checkPortNumber(path.child('containerPort'), containerPort)),
    ...(hostPort === 0 ? [] : checkPortNumber(path.child('hostPort'), hostPort)),
    ...checkEnum(path.child('protocol'), port.protocol, protocols),
    ...(isUnset(hostIP) ? [] : checkIp(path.child('hostIP'), hostIP)),
  ];
}

/** No two containers of a pod may claim one port of the host. */
export function hostPortConflicts(containers: readonly Container[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ protocol, hostIP = '', hostPort = 0 }, position) => {
      if (hostPort === 0) return [];
      const claim = `${protocol}/${hostIP}/${hostPort}`;
      const at = path.index(container).child('ports').index(position).child('hostPort');
      if (seen.has(claim)) return [fieldDuplicate(at, claim)];
      seen.add(claim);
      return [];
    }),
  );
}
