import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { addressToBytes, requireAddress } from '../../ip/index.ts';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  objectIdentifier,
  octetString,
  positiveInteger,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

/** A certificate and its key, both PEM: what files and TLS options take. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  /** Groups, in Kubernetes' reading of a client certificate. */
  readonly organizations?: readonly string[];
}

export interface CertificateOptions {
  readonly subject: Subject;
  readonly usage: 'ca' | 'server' | 'client';
  /** Names of a server. */
  readonly dnsNames?: readonly string[];
  /** Addresses of a server, both families. */
  readonly addresses?: readonly string[];
  /** Signs; absent: the certificate signs itself. */
  readonly issuer?: KeyPair & { readonly subject: Subject };
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const signatureAlgorithm = sequence(objectIdentifier(oid.ecdsaWithSha256));

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (type: string, value: string): Buffer =>
    set(sequence(objectIdentifier(type), utf8String(value)));
  return sequence(
    ...organizations.map((name) => attribute(oid.organization, name)),
    attribute(oid.commonName, commonName),
  );
}

function extension(type: string, value: Uint8Array, isCritical = false): Buffer {
  const flag = isCritical ? [boolean(true)] : [];
  return sequence(objectIdentifier(type), ...flag, octetString(value));
}

/** The key usage bits of RFC 5280 4.2.1.3: digitalSignature, and for a CA keyCertSign and cRLSign too. */
function keyUsage(isCa: boolean): Buffer {
  const value = isCa ? bitString(Buffer.from([0b1000_0110]), 1) : bitString(Buffer.from([0x80]), 7);
  return extension(oid.keyUsage, value, true);
}

/** RFC 5280 4.2.1.2, method 1: the hash of the public key's bits, which end the SubjectPublicKeyInfo. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const info = publicKey.export({ type: 'spki', format: 'der' });
  // P-256, uncompressed: one byte for the form and two coordinates.
  return createHash('sha1').update(info.subarray(-65)).digest();
}

function alternativeNames({ dnsNames = [], addresses = [] }: CertificateOptions): Buffer[] {
  if (dnsNames.length + addresses.length === 0) return [];
  const names = [
    ...dnsNames.map((name) => implicit(2, Buffer.from(name))),
    ...addresses.map((address) => implicit(7, addressBytes(address))),
  ];
  return [extension(oid.subjectAlternativeName, sequence(...names))];
}

function addressBytes(text: string): Uint8Array {
  return addressToBytes(requireAddress(text));
}

function extensions(options: CertificateOptions, own: KeyObject, issuing: KeyObject): Buffer {
  const isCa = options.usage === 'ca';
  const purpose = options.usage === 'server' ? oid.serverAuth : oid.clientAuth;
  return sequence(
    extension(oid.basicConstraints, isCa ? sequence(boolean(true)) : sequence(), true),
    keyUsage(isCa),
    ...(isCa ? [] : [extension(oid.extendedKeyUsage, sequence(objectIdentifier(purpose)))]),
    extension(oid.subjectKeyIdentifier, octetString(keyIdentifier(own))),
    extension(oid.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuing)))),
    ...alternativeNames(options),
  );
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Makes an ECDSA P-256 key and an X.509 version 3 certificate for it (RFC 5280). */
export function createCertificate(options: CertificateOptions): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuerKey =
    options.issuer === undefined ? privateKey : createPrivateKey(options.issuer.key);
  const toBeSigned = sequence(
    explicit(0, positiveInteger(Buffer.from([2]))),
    // 20 bytes at most, positive, and not zero (RFC 5280 4.1.2.2).
    positiveInteger(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    signatureAlgorithm,
    distinguishedName(options.issuer?.subject ?? options.subject),
    sequence(time(options.notBefore), time(options.notAfter)),
    distinguishedName(options.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions(options, publicKey, createPublicKey(issuerKey))),
  );
  const signature = sign('sha256', toBeSigned, issuerKey);
  return {
    certificate: pem('CERTIFICATE', sequence(toBeSigned, signatureAlgorithm, bitString(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
