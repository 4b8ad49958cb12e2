import { formatAddress, type Address } from '../../ip/index.ts';
import { isSidecar, keyOf, type ContainerPort, type Pod } from '../../kube/index.ts';
import type { Transport } from '../contract.ts';
import { targetRemedy } from './target-port.ts';
import { isOwnPod } from '../places/station.ts';
import { idOf, type Listener } from '../scene.ts';
import type { Arrival } from './arrival.ts';
import { listed } from './service-port.ts';
import type { Remedy, Teller, Told } from './telling.ts';

interface Declared {
  readonly port: ContainerPort;
  readonly path: readonly (string | number)[];
}

function declaredPorts({ spec }: Pod): Declared[] {
  const of = (field: 'containers' | 'initContainers') =>
    (spec[field] ?? []).flatMap((container, at) =>
      field === 'containers' || isSidecar(container)
        ? (container.ports ?? []).map((port, index) => ({
            port,
            path: ['spec', field, at, 'ports', index],
          }))
        : [],
    );
  return [...of('containers'), ...of('initContainers')];
}

function isLoopback(address: Address): boolean {
  const text = formatAddress(address);
  return text === '::1' || text.startsWith('127.');
}

/** The Service's port, led to where the pod does listen, when there is but one such place. */
function portRemedy({ via }: Arrival, candidates: readonly number[]): Remedy | undefined {
  const [only, ...others] = candidates;
  if (via === undefined || only === undefined || others.length > 0) return undefined;
  return targetRemedy(via.service, (via.service.spec.ports ?? []).indexOf(via.servicePort), only);
}

function tellListeners(
  teller: Teller,
  arrival: Arrival,
  {
    protocol,
    listeners,
  }: { readonly protocol: Transport; readonly listeners: readonly Listener[] },
): Told {
  const pod = arrival.station.pod as Pod;
  const object = idOf(pod);
  const sameProtocol = listeners.filter((one) => one.protocol === protocol);
  const here = sameProtocol.filter(({ port }) => port === arrival.port);
  const open = here.find(({ address }) => !isLoopback(address));
  const what = `${arrival.port}/${protocol}`;
  if (open !== undefined) {
    const sentence = `${arrival.station.name} listens on ${what}`;
    return teller.tell(['listen', 'passes', 'LISTENS'], sentence, { object });
  }
  if (here.length > 0) {
    const sentence = `${arrival.station.name} listens on ${what} at 127.0.0.1 only: nobody else reaches that`;
    return teller.tell(['listen', 'stops', 'LISTENS_ON_LOOPBACK'], sentence, { object });
  }
  const others = sameProtocol.filter(({ address }) => !isLoopback(address));
  const ports = [...new Set(others.map(({ port }) => port))].sort((one, two) => one - two);
  const sentence = `nothing in ${arrival.station.name} listens on ${what}`;
  const remedy = portRemedy(arrival, ports);
  return teller.tell(['listen', 'stops', 'NOTHING_LISTENS'], sentence, {
    object,
    details: [
      teller.detail(`it listens on: ${listed(ports.map((port) => `${port}/${protocol}`))}`),
    ],
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** Ports are declared for readers: what is not declared may be open all the same. */
function tellDeclared(teller: Teller, { station, port }: Arrival, protocol: Transport): Told {
  const pod = station.pod as Pod;
  const object = idOf(pod);
  const declared = declaredPorts(pod);
  const found = declared.find(
    (one) => one.port.containerPort === port && (one.port.protocol ?? 'TCP') === protocol,
  );
  if (found !== undefined) {
    const sentence = `${station.name} declares port ${port}/${protocol}`;
    return teller.tell(['listen', 'passes', 'PORT_DECLARED'], sentence, {
      object,
      path: found.path,
    });
  }
  const shown = declared.map(
    ({ port: { containerPort, protocol = 'TCP' } }) => `${containerPort}/${protocol}`,
  );
  const sentence = `${station.name} does not declare port ${port}/${protocol}; whether something listens there is not known`;
  return teller.tell(['listen', 'unknown', 'PORT_NOT_DECLARED'], sentence, {
    object,
    path: ['spec', 'containers'],
    details: [teller.detail(`it declares: ${listed(shown)}`)],
  });
}

/** Whether anybody waits at the end. */
export function tellListen(teller: Teller, arrival: Arrival, protocol: Transport): Told {
  const { station } = arrival;
  if (protocol === 'ICMP') {
    return teller.tell(['listen', 'passes', 'KERNEL_ANSWERS'], 'the kernel answers, not a program');
  }
  if (station.pod === undefined || !isOwnPod(station)) {
    const sentence = `what listens at ${station.name} is not known`;
    return teller.tell(['listen', 'unknown', 'NOT_KNOWN'], sentence);
  }
  const listeners = teller.scene.listeners.get(keyOf(station.pod));
  return listeners === undefined || protocol === 'SCTP'
    ? tellDeclared(teller, arrival, protocol)
    : tellListeners(teller, arrival, { protocol, listeners });
}
