import { parseAddress, type Address } from '../ip/index.ts';
import { CNI_CODE, CniError } from './cni-error.ts';
import { isAtLeast } from './version.ts';

export interface CniInterface {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  /** Path of the network namespace; absent for an interface of the node. */
  readonly sandbox?: string;
}

export interface CniIp {
  /** With its prefix length: `10.244.0.7/24`. */
  readonly address: string;
  readonly gateway?: string;
  /** Position among the interfaces. */
  readonly interface?: number;
  /** Before 1.0.0: `4` or `6`. */
  readonly version?: string;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string;
}

/** Name servers, as a result tells of them and the capability `dns` gives them. */
export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What a plugin made (the specification's section 5, "Success"). */
export interface CniResult {
  readonly cniVersion: string;
  readonly interfaces?: readonly CniInterface[];
  readonly ips?: readonly CniIp[];
  readonly routes?: readonly CniRoute[];
  readonly dns?: CniDns;
}

/** The address of an entry, without its prefix length. @throws CniError 6 */
export function addressOf({ address }: CniIp): Address {
  const parsed = parseAddress(address.split('/')[0] ?? '');
  if (parsed !== undefined) return parsed;
  throw new CniError({
    number: CNI_CODE.decodingFailure,
    message: `the result has ${JSON.stringify(address)} for an address`,
  });
}

/** The result in the words of a version: before 1.0.0 each address names its family. */
export function resultIn(cniVersion: string, result: CniResult): CniResult {
  const isOld = !isAtLeast(cniVersion, '1.0.0');
  const ips = result.ips?.map(({ version: _old, ...ip }) =>
    isOld ? { version: String(addressOf(ip).family), ...ip } : ip,
  );
  return { ...result, cniVersion, ...(ips === undefined ? {} : { ips }) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Fields = Readonly<Record<string, 'string' | 'number'>>;

/** The lists of a result, and what their entries' fields must be. The first field of each is required. */
const lists: Readonly<Record<string, Fields>> = {
  interfaces: { name: 'string', mac: 'string', mtu: 'number', sandbox: 'string' },
  ips: { address: 'string', gateway: 'string', interface: 'number', version: 'string' },
  routes: { dst: 'string', gw: 'string' },
};

function isEntry(entry: unknown, fields: Fields): boolean {
  if (!isRecord(entry)) return false;
  const isRight = ([name, type]: [string, string]): boolean =>
    entry[name] === undefined || typeof entry[name] === type;
  const [required = ''] = Object.keys(fields);
  return entry[required] !== undefined && Object.entries(fields).every(isRight);
}

/** Go's encoder writes null for an empty list: it is left out. */
function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

/**
 * The result that a value is, of whatever another program wrote: what this room's readers look at has the types that
 * they expect.
 * @throws CniError 6 that names the field
 */
export function checkResult(value: unknown): CniResult {
  const refuse = (what: string): CniError =>
    new CniError({ number: CNI_CODE.decodingFailure, message: `the result's ${what}` });
  if (!isRecord(value) || typeof value['cniVersion'] !== 'string') {
    throw refuse('cniVersion is missing');
  }
  const result = withoutNulls(value);
  for (const [name, fields] of Object.entries(lists)) {
    const list = result[name] ?? [];
    if (!Array.isArray(list)) throw refuse(`${name} is no list`);
    const wrong = list.findIndex((entry) => !isEntry(entry, fields));
    if (wrong !== -1)
      throw refuse(`${name}[${wrong}] is malformed: ${JSON.stringify(list[wrong])}`);
  }
  if (result['dns'] !== undefined && !isRecord(result['dns'])) throw refuse('dns is no object');
  return result as unknown as CniResult;
}

/** Reads what a plugin printed for ADD. @throws CniError 6 */
export function readResult(text: string): CniResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CniError({
      number: CNI_CODE.decodingFailure,
      message: 'the plugin printed no result',
      details: text.slice(0, 200),
      cause,
    });
  }
  return checkResult(value);
}

/**
 * The addresses that a pod has by a result: the first of each family on the pod's own interfaces, in the result's order.
 * An address that belongs to no interface counts as the pod's.
 */
export function podAddresses({ ips = [], interfaces = [] }: CniResult): Address[] {
  const own = ips.filter(
    ({ interface: position }) =>
      position === undefined || (interfaces[position]?.sandbox ?? '') !== '',
  );
  const found: Address[] = [];
  for (const ip of own) {
    const address = addressOf(ip);
    if (found.every(({ family }) => family !== address.family)) found.push(address);
  }
  return found;
}
