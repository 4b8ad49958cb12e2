import { recordClasses, recordTypes, type ResourceRecord } from '../../dnswire/index.ts';
import { addressRecord, addressType, isAsked, nameRecord } from '../reply.ts';
import {
  missing,
  present,
  type ClusterContext,
  type ClusterQuestion,
  type Finding,
} from './lookup.ts';

/** The version of the record schema (github.com/kubernetes/dns docs/specification.md). */
const SCHEMA_VERSION = '1.1.0';
/** It changes with the server only. */
const SCHEMA_TTL = 28_800;

/** The zone's SOA; its TTL and minimum bound how long a negative answer is kept (RFC 2308 section 3). */
export function soaOf(
  owner: string,
  zone: string,
  { world, selection }: ClusterContext,
): ResourceRecord {
  const { ttl } = selection.settings;
  return {
    name: owner,
    type: recordTypes.SOA,
    class: recordClasses.IN,
    ttl,
    data: {
      kind: 'authority',
      primary: `ns.dns.${zone}`,
      mailbox: `hostmaster.${zone}`,
      serial: world.serial,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: ttl,
    },
  };
}

/** The zone itself: SOA and NS. */
export function findApex(question: ClusterQuestion, context: ClusterContext): Finding {
  const { name, type, zone } = question;
  const { ttl } = context.selection.settings;
  const target = `ns.dns.${zone}`;
  const answers: ResourceRecord[] = [];
  if (isAsked(recordTypes.SOA, type)) answers.push(soaOf(name, zone, context));
  if (isAsked(recordTypes.NS, type))
    answers.push(nameRecord(name, recordTypes.NS, { target, ttl }));
  const additionals =
    answers.length === 0
      ? []
      : context.world.serverAddresses.map((address) => addressRecord(target, address, ttl));
  return { ...present(answers, 'ZONE'), exists: true, answers, additionals };
}

/** `dns.ZONE` and `ns.dns.ZONE`, the zone's name server. */
export function findNameServer(question: ClusterQuestion, context: ClusterContext): Finding {
  const { labels, name, type } = question;
  if (labels.length === 1) return present([], 'EMPTY_NON_TERMINAL');
  if (labels.length > 2 || labels[0] !== 'ns') return missing('NO_SUCH_NAME');
  const { ttl } = context.selection.settings;
  const answers = context.world.serverAddresses
    .filter((address) => isAsked(addressType(address), type))
    .map((address) => addressRecord(name, address, ttl));
  return present(answers, 'ZONE');
}

/** `dns-version.ZONE` */
export function findSchemaVersion({ labels, name, type }: ClusterQuestion): Finding {
  if (labels.length > 1) return missing('NO_SUCH_NAME');
  const version: ResourceRecord = {
    name,
    type: recordTypes.TXT,
    class: recordClasses.IN,
    ttl: SCHEMA_TTL,
    data: { kind: 'text', texts: [SCHEMA_VERSION] },
  };
  return present(isAsked(recordTypes.TXT, type) ? [version] : [], 'SCHEMA_VERSION');
}
