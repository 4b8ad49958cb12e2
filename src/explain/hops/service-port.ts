import { Fault } from '../../fault/index.ts';
import { keyOf, type Service, type ServicePort } from '../../kube/index.ts';
import type { Transport } from '../contract.ts';
import { idOf } from '../scene.ts';
import type { Teller, Told } from './telling.ts';

/** What is asked of a Service: a number, a name, or its only port. */
export interface PortQuestion {
  readonly port?: number | string;
  readonly protocol: Transport;
  /** Any other protocol is meant as well, where the Service has the port over no {@link protocol}. */
  readonly isProtocolOpen?: boolean;
}

export function portText({ name, port, protocol = 'TCP' }: ServicePort): string {
  return `${port}/${protocol}${name === undefined || name === '' ? '' : ` (${name})`}`;
}

export function protocolOf({ protocol = 'TCP' }: ServicePort): Transport {
  return protocol;
}

export function listed(texts: readonly string[]): string {
  return texts.length === 0 ? 'none' : texts.join(', ');
}

/** `1 pod`, `2 pods` */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Of what fits the question otherwise, what fits its protocol: all when that is open and nothing does. */
export function ofProtocol<T extends { readonly protocol?: string }>(
  fitting: readonly T[],
  { protocol, isProtocolOpen = false }: PortQuestion,
): readonly T[] {
  const exact = fitting.filter((one) => (one.protocol ?? 'TCP') === protocol);
  return exact.length === 0 && isProtocolOpen ? fitting : exact;
}

/** The number when the question names none: the only port there is. @throws Fault `PORT_NEEDED` */
function onlyPort(teller: Teller, service: Service, question: PortQuestion): ServicePort | Told {
  const ports = service.spec.ports ?? [];
  const fitting = ofProtocol(ports, question);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (ports.length === 1) return noSuchPort(teller, service, question);
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
  if (question.port === undefined) return onlyPort(teller, service, question);
  const named = ports.filter(({ port, name }) => [port, name].includes(question.port));
  return ofProtocol(named, question)[0] ?? noSuchPort(teller, service, question);
}

function noSuchPort(teller: Teller, service: Service, question: PortQuestion): Told {
  const ports = service.spec.ports ?? [];
  const { port, protocol } = question;
  const asked = port === undefined ? `over ${protocol}` : `${port}/${protocol}`;
  const other = ports.find((one) => port === undefined || [one.port, one.name].includes(port));
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
