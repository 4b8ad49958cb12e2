import { Fault } from '../../fault/index.ts';
import { parseAddress, type Address } from '../../ip/index.ts';
import type { Transport } from '../contract.ts';

/** The kinds that places are, by the words that kubectl knows them by. */
export const kindsByWord: Readonly<Record<string, string>> = {
  po: 'Pod',
  pod: 'Pod',
  pods: 'Pod',
  svc: 'Service',
  service: 'Service',
  services: 'Service',
  no: 'Node',
  node: 'Node',
  nodes: 'Node',
  deploy: 'Deployment',
  deployment: 'Deployment',
  deployments: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
  rs: 'ReplicaSet',
  replicaset: 'ReplicaSet',
  job: 'Job',
  cronjob: 'CronJob',
  cj: 'CronJob',
};

/** What FROM and TO may be. */
export type Place =
  | {
      readonly is: 'object';
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
    }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'address'; readonly address: Address }
  | { readonly is: 'outside' };

/** A place and what of it is asked for. */
export interface Target {
  readonly place: Place;
  /** A number, or a port's name; absent when nobody said. */
  readonly port?: number | string;
  /** TCP when nobody said. */
  readonly protocol: Transport;
  /** Nobody said which protocol: a Service that has the port over another one alone is meant with that. */
  readonly isProtocolOpen?: boolean;
}

const forms =
  'Write pod/NAME, deploy/NAME, svc/NAME, node/NAME, any of them as KIND/NAMESPACE/NAME, a DNS name, an address, or outside.';

function notUnderstood(text: string, why: string): Fault {
  return new Fault({
    code: 'PLACE_NOT_UNDERSTOOD',
    message: `"${text}" does not say where: ${why}`,
    advice: forms,
  });
}

/** RFC 1123, and the dots between labels; a final one makes the name absolute. */
const DNS_NAME =
  /^(?=.{1,254}$)_?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?$/i;

/** RFC 1123 subdomains, as names of objects are; `web-0`, `node1.example.com`. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function parseObject(text: string): Place {
  const [word = '', ...rest] = text.split('/');
  const kind = kindsByWord[word.toLowerCase()];
  if (kind === undefined) throw notUnderstood(text, `"${word}" is no kind that has pods`);
  const [first = '', second] = rest;
  const isNamed = rest.length <= 2 && rest.every((part) => OBJECT_NAME.test(part));
  if (!isNamed) throw notUnderstood(text, 'names are lower-case letters, digits, - and .');
  if (second === undefined) return { is: 'object', kind, name: first };
  if (kind === 'Node') throw notUnderstood(text, 'nodes have no namespace');
  return { is: 'object', kind, namespace: first, name: second };
}

/** Reads FROM. @throws Fault `PLACE_NOT_UNDERSTOOD` */
export function parsePlace(text: string): Place {
  if (text === 'outside') return { is: 'outside' };
  const address = parseAddress(text.replace(/^\[(.*)\]$/, '$1'));
  if (address !== undefined) return { is: 'address', address };
  if (text.includes('/')) return parseObject(text);
  if (DNS_NAME.test(text)) return { is: 'name', name: text.toLowerCase() };
  throw notUnderstood(text, 'it is neither a name nor an address');
}

interface Parts {
  readonly place: string;
  readonly port?: string;
  readonly protocol?: string;
}

/** `PLACE[:PORT][/PROTO]`; the protocol in capitals, where no port tells it from a name. */
function split(text: string): Parts {
  const form =
    /^(?<place>\[[^\]]*\]|[^:]*?)(?::(?<port>[^:/]+))?(?:\/(?<protocol>TCP|UDP|SCTP|ICMP))?$/;
  const afterPort = /^(?<place>\[[^\]]*\]|[^:]*):(?<port>[^:/]+)\/(?<protocol>[a-zA-Z]+)$/;
  const found = afterPort.exec(text) ?? form.exec(text);
  const { place = text, port, protocol } = found?.groups ?? {};
  return {
    place,
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}

const transports = ['TCP', 'UDP', 'SCTP', 'ICMP'] as const;

function portOf(text: string, port: string): number | string {
  if (!/^\d+$/.test(port)) return port;
  const number = Number(port);
  if (number >= 1 && number <= 65_535) return number;
  throw notUnderstood(text, `${port} is no port from 1 to 65535`);
}

/** Reads TO. @throws Fault `PLACE_NOT_UNDERSTOOD` */
export function parseTarget(text: string): Target {
  const { place, port, protocol: said } = split(text);
  const protocol = said ?? 'TCP';
  const known = transports.find((one) => one === protocol.toUpperCase());
  if (known === undefined) throw notUnderstood(text, `"${protocol}" is no protocol`);
  if (known === 'ICMP' && port !== undefined) throw notUnderstood(text, 'ICMP has no ports');
  const open = said === undefined ? { isProtocolOpen: true } : {};
  const where = { place: parsePlace(place), protocol: known, ...open };
  return port === undefined ? where : { ...where, port: portOf(text, port) };
}
