import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Credentials } from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';
import { isEqual, isPassword } from './htpasswd.ts';

/** How long a nonce of digest authentication is good for. */
const NONCE_MS = 300_000;
/** Passwords that were right before: hashes like bcrypt are slow by intent. */
const REMEMBERED = 1000;

const secret = randomBytes(32);
const right = new Set<string>();

/** What authentication says: go on, or answer with this. */
export type Admission =
  | { readonly admits: true; readonly user?: string }
  | { readonly admits: false; readonly status: number; readonly challenge?: string };

/** HTTP basic authentication (RFC 7617). */
export function checkBasic({ facts }: Exchange, { realm, users }: Credentials): Admission {
  if (users === undefined) return { admits: false, status: 503 };
  const challenge = `Basic realm="${realm.replaceAll('"', '')}"`;
  const refusal = { admits: false, status: 401, challenge } as const;
  const [, token] = /^basic\s+([\w+/=-]+)$/iu.exec(facts.headers.get('authorization') ?? '') ?? [];
  if (token === undefined) return refusal;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const user = text.slice(0, Math.max(colon, 0));
  const entry = users.get(user);
  if (colon === -1 || entry === undefined) return refusal;
  return isRight(text.slice(colon + 1), entry) ? { admits: true, user } : refusal;
}

function isRight(password: string, entry: string): boolean {
  const mark = createHmac('sha256', secret).update(`${entry}\0${password}`).digest('base64');
  if (right.has(mark)) return true;
  if (!isPassword(password, entry)) return false;
  if (right.size >= REMEMBERED) right.clear();
  right.add(mark);
  return true;
}

/** HTTP digest authentication (RFC 7616, MD5); users are those of an htdigest file: `realm:HA1`. */
export function checkDigest({ facts }: Exchange, { realm, users }: Credentials): Admission {
  if (users === undefined) return { admits: false, status: 503 };
  const plain = realm.replaceAll('"', '');
  const header = facts.headers.get('authorization') ?? '';
  const fields = digestFields(header);
  const state = fields === undefined ? 'none' : nonceState(fields.get('nonce') ?? '');
  const stale = state === 'stale' ? ', stale=true' : '';
  const challenge = `Digest algorithm="MD5", qop="auth", realm="${plain}", nonce="${newNonce()}"${stale}`;
  const refusal = { admits: false, status: 401, challenge } as const;
  if (fields === undefined || state !== 'good') return refusal;
  const user = fields.get('username') ?? '';
  const entry = users.get(user) ?? '';
  const ha1 = entry.slice(entry.indexOf(':') + 1);
  const isForRequest = fields.get('uri') === facts.target && fields.get('realm') === plain;
  if (entry === '' || !isForRequest) return refusal;
  const ha2 = md5(`${facts.method}:${fields.get('uri')}`);
  const middle = ['nonce', 'nc', 'cnonce', 'qop'].map((name) => fields.get(name) ?? '').join(':');
  const isRight = isEqual(md5(`${ha1}:${middle}:${ha2}`), fields.get('response') ?? '');
  return isRight ? { admits: true, user } : refusal;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function digestFields(header: string): Map<string, string> | undefined {
  if (!/^digest\s/iu.test(header)) return undefined;
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, token = ''] of header.matchAll(
    /(\w+)=(?:"([^"]*)"|([^\s,]+))/gu,
  )) {
    fields.set(name.toLowerCase(), quoted ?? token);
  }
  return fields;
}

/** A time and its signature: nothing has to be kept. */
function newNonce(): string {
  const time = Date.now().toString(36);
  return `${time}.${sign(time)}`;
}

function sign(text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex').slice(0, 32);
}

function nonceState(nonce: string): 'good' | 'stale' | 'none' {
  const [time = '', signature = ''] = nonce.split('.');
  if (!isEqual(sign(time), signature)) return 'none';
  return Date.now() - Number.parseInt(time, 36) > NONCE_MS ? 'stale' : 'good';
}
