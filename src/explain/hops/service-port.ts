import { Fault } from '../../fault/index.ts';
import { keyOf, type Service, type ServicePort } from '../../kube/index.ts';
import type { Transport } from '../contract.ts';
import { idOf } from '../scene.ts';
import type { Teller, Told } from './telling.ts';

/** What is asked of a Service: a number, a name, or its only port. */
export interface PortQuestion {
  readonly port?: number | string;
  readonly protocol: Transport;
}

export function portText({ name, port, protocol = 'TCP' }: ServicePort): string {
  return `${port}/${protocol}${name === undefined || name === '' ? '' : ` (${name})`}`;
}

export function listed(texts: readonly string[]): string {
  return texts.length === 0 ? 'none' : texts.join(', ');
}

/** `1 pod`, `2 pods` */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function matches(one: ServicePort, { port, protocol }: PortQuestion): boolean {
  return (one.port === port || one.name === port) && (one.protocol ?? 'TCP') === protocol;
}

/** The number when the question names none: the only port there is. @throws Fault `PORT_NEEDED` */
function onlyPort(service: Service, protocol: Transport): ServicePort {
  const ports = service.spec.ports ?? [];
  const ofProtocol = ports.filter((port) => (port.protocol ?? 'TCP') === protocol);
  const [only] = ofProtocol.length === 1 ? ofProtocol : ports;
  const isClear = ofProtocol.length === 1 || ports.length === 1;
  if (only !== undefined && isClear) return only;
  throw new Fault({
    code: 'PORT_NEEDED',
    message: `Service ${keyOf(service)} has several ports, or none`,
    advice: `Add :PORT, one of: ${listed(ports.map(portText))}.`,
  });
}

/** The Service's port that is asked for, or how it is told that there is none. */
export function findServicePort(
  teller: Teller,
  service: Service,
  question: PortQuestion,
): ServicePort | Told {
  const ports = service.spec.ports ?? [];
  if (question.port === undefined) return onlyPort(service, question.protocol);
  return ports.find((one) => matches(one, question)) ?? noSuchPort(teller, service, question);
}

function noSuchPort(teller: Teller, service: Service, question: PortQuestion): Told {
  const ports = service.spec.ports ?? [];
  const { port, protocol } = question;
  const asked = `${port}/${protocol}`;
  const other = ports.find((one) => one.port === port || one.name === port);
  const object = idOf(service);
  const has = `it has ${listed(ports.map(portText))}`;
  const sentence = `Service ${keyOf(service)} has no port ${asked}: ${has}`;
  const reason = other === undefined ? 'NO_SUCH_PORT' : 'OTHER_PROTOCOL';
  const remedy =
    typeof port !== 'number' || protocol === 'ICMP' ? undefined : addPort(service, port, protocol);
  return teller.tell(['service', 'stops', reason], sentence, {
    object,
    path: ['spec', 'ports'],
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** The new port leads where the first one does; with two ports each needs a name. */
function addPort(service: Service, port: number, protocol: 'TCP' | 'UDP' | 'SCTP') {
  return {
    object: idOf(service),
    sentence: `give Service ${keyOf(service)} the port ${port}/${protocol}`,
    edit: (object: object): void => {
      const { spec } = object as Service;
      const known = (spec.ports ??= []);
      for (const one of known) one.name ||= `port-${one.port}`;
      const { targetPort, port: first } = known[0] ?? { port };
      const name = `port-${port}-${protocol.toLowerCase()}`;
      known.push({ name, port, protocol, targetPort: targetPort ?? first });
    },
  };
}

export function isTold(value: ServicePort | Told): value is Told {
  return 'hop' in value;
}
