import { keyOf, type Service } from '../../kube/index.ts';
import { alternatives, nearest } from '../nearest.ts';
import { idOf } from '../scene.ts';
import { resolve, type Asked, type Resolution } from './resolve.ts';
import type { Teller, Told } from './telling.ts';

/** What a name led to, and how that is told. */
export interface Named {
  readonly told: Told;
  readonly resolution: Resolution;
}

/** Codes of names that are not there, in words. */
const absences: Readonly<Record<string, string>> = {
  NO_SUCH_SERVICE: 'there is no such Service',
  NO_SUCH_NAMESPACE: 'there is no such namespace',
  NO_SUCH_ENDPOINT: 'no ready endpoint of the Service has that name',
  NO_SUCH_POD: 'no pod has that address',
  NO_READY_ENDPOINTS: 'the Service is headless and none of its pods is ready',
  SERVICE_HAS_NO_ADDRESS: 'the Service has no address',
};

/** Names that may have been meant, in the short form that works from everywhere. */
function candidatesFor({ scene }: Teller, { name }: Asked, namespace: string): string[] {
  const keys = [...scene.snapshot.services.keys()];
  const [service = '', where = namespace] = name.split('.');
  const wanted = `${service}.${where}`;
  const names = keys.map((key) => key.split('/').reverse().join('.'));
  const sameName = names.filter((one) => one.startsWith(`${service}.`));
  return sameName.length > 0 ? sameName.slice(0, 3) : nearest(wanted, names);
}

/** `SERVICE.NAMESPACE` with a namespace that is not there looks like a name of the world outside. */
function sameServices({ scene }: Teller, { name }: Asked): string[] {
  const [service = '', ...rest] = name.split('.');
  if (rest.length !== 1) return [];
  return [...scene.snapshot.services.keys()]
    .filter((key) => key.endsWith(`/${service}`))
    .map((key) => key.split('/').reverse().join('.'));
}

function missing(teller: Teller, asked: Asked, resolution: Resolution): Told {
  const { reason, fullName, service } = resolution;
  const why = absences[reason] ?? 'the cluster has no such name';
  const near = candidatesFor(teller, asked, asked.namespace);
  const details =
    near.length === 0 || service !== undefined
      ? []
      : [teller.detail(`did you mean ${alternatives(near)}?`)];
  return teller.tell(
    ['name', 'stops', reason],
    `${fullName} does not exist (NXDOMAIN): ${why}`,
    service === undefined ? { details } : { object: idOf(service), details },
  );
}

/** ` at 10.96.0.7`, or nothing where the address is not known. */
function addressesText({ scene }: Teller, { addresses }: Resolution): string {
  const known = addresses.flatMap((address) => scene.knownAddress(address) ?? []);
  return known.length === 0 ? '' : ` at ${[...new Set(known)].join(', ')}`;
}

function found(teller: Teller, resolution: Resolution): Told {
  const { fullName, reason, service, alias } = resolution;
  const about = service === undefined ? {} : { object: idOf(service) };
  if (alias !== undefined && reason === 'EXTERNAL_NAME') {
    const sentence = `${fullName} is an alias of ${alias.replace(/\.$/, '')}, which other servers know`;
    return teller.tell(['name', 'passes', reason], sentence, about);
  }
  const what = service === undefined ? 'a name of the cluster' : serviceText(service);
  const sentence = `${fullName} is ${what}${addressesText(teller, resolution)}`;
  return teller.tell(['name', 'passes', reason], sentence, about);
}

function serviceText(service: Service): string {
  const kind = service.spec.clusterIP === 'None' ? 'the headless Service' : 'Service';
  return `${kind} ${keyOf(service)}`;
}

/** What a name means to whoever is in the namespace. */
export function tellName(teller: Teller, asked: Asked): Named {
  const resolution = resolve(teller.scene, asked);
  const { addresses, alias, reason, isForwarded, fullName } = resolution;
  if (addresses.length > 0 || (alias !== undefined && reason === 'EXTERNAL_NAME')) {
    return { told: found(teller, resolution), resolution };
  }
  if (!isForwarded) return { told: missing(teller, asked, resolution), resolution };
  const sentence = `${fullName} is no name of the cluster: other servers are asked`;
  const near = sameServices(teller, asked);
  const details = near.length === 0 ? [] : [teller.detail(`did you mean ${alternatives(near)}?`)];
  return { told: teller.tell(['name', 'unknown', 'FORWARDED'], sentence, { details }), resolution };
}
