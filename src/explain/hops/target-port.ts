import type { Pod, Service, ServicePort } from '../../kube/index.ts';
import { keyOf } from '../../kube/index.ts';
import { servingContainers } from '../../services/index.ts';
import { nearest } from '../nearest.ts';
import { idOf } from '../scene.ts';
import { listed } from './service-port.ts';
import type { Remedy, Teller, Told } from './telling.ts';

function namedPorts(pods: readonly Pod[], protocol: string): { name: string; port: number }[] {
  return pods
    .flatMap(servingContainers)
    .flatMap(({ ports = [] }) => ports)
    .filter((port) => (port.protocol ?? 'TCP') === protocol)
    .flatMap(({ name, containerPort }) =>
      name === undefined ? [] : [{ name, port: containerPort }],
    );
}

/** A named targetPort that none of the selected pods has (row 28 of docs/services.md). */
export function noTargetPort(
  teller: Teller,
  service: Service,
  { port, pods }: { readonly port: ServicePort; readonly pods: readonly Pod[] },
): Told {
  const { targetPort = '', protocol = 'TCP' } = port;
  const known = namedPorts(pods, protocol);
  const names = [...new Set(known.map(({ name }) => name))];
  const [near = names.length === 1 ? names[0] : undefined] = nearest(String(targetPort), names);
  const at = (service.spec.ports ?? []).indexOf(port);
  const shown = known.map(({ name, port }) => `${name} (${port}/${protocol})`);
  const [first] = pods;
  const details =
    first === undefined
      ? []
      : [
          teller.detail(`the pods name: ${listed([...new Set(shown)])}`, idOf(first), [
            'spec',
            'containers',
          ]),
        ];
  const remedy = near === undefined ? {} : { remedy: targetRemedy(service, at, near) };
  return teller.tell(
    ['service', 'stops', 'TARGET_PORT_NOT_FOUND'],
    `port ${port.port} of Service ${keyOf(service)} leads to the port named "${targetPort}", and no pod that it selects has one of that name`,
    { object: idOf(service), path: ['spec', 'ports', at, 'targetPort'], details, ...remedy },
  );
}

/** @param at position in `spec.ports` */
export function targetRemedy(service: Service, at: number, target: string | number): Remedy {
  return {
    object: idOf(service),
    sentence: `let port ${service.spec.ports?.[at]?.port} of Service ${keyOf(service)} lead to ${target}`,
    edit: (object) => {
      const port = (object as unknown as Service).spec.ports?.[at];
      if (port !== undefined) port.targetPort = target;
    },
  };
}
