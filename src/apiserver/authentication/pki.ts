import { generateKeyPairSync } from 'node:crypto';
import { createCertificate, type KeyPair, type Subject } from './certificate.ts';
import { mastersGroup } from './user.ts';

/** Everything secret that one cluster has, PEM throughout; serialisable, so that a restart keeps it. */
export interface Pki {
  /** Signs the two below, and is what clients trust. */
  readonly ca: KeyPair;
  readonly serving: KeyPair;
  /** `kubernetes-admin` in `system:masters`: the kubeconfig's user. */
  readonly admin: KeyPair;
  /** Signs service account tokens: a P-256 private key. */
  readonly serviceAccountKey: string;
}

export interface PkiOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Where the server answers besides localhost and the kubernetes Service, e.g. `172.18.0.1`. */
  readonly addresses?: readonly string[];
  /** The kubernetes Service, `10.96.0.1` and its IPv6 peer. */
  readonly serviceAddresses?: readonly string[];
}

export const adminName = 'kubernetes-admin';

const caSubject: Subject = { commonName: 'kubernetes' };

const dnsNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

const dayMs = 24 * 60 * 60 * 1000;
/** A cluster of this kind lives for days; a clock that is behind must not break it. */
const validity = { backMs: dayMs, forwardMs: 3650 * dayMs };

/** Makes the certificates and keys of a new cluster. */
export function createPki({
  now,
  addresses = [],
  serviceAddresses = ['10.96.0.1'],
}: PkiOptions): Pki {
  const span = { notBefore: now - validity.backMs, notAfter: now + validity.forwardMs };
  const ca = createCertificate({ ...span, subject: caSubject, usage: 'ca' });
  const issuer = { ...ca, subject: caSubject };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ca,
    serving: createCertificate({
      ...span,
      issuer,
      subject: { commonName: 'kube-apiserver' },
      usage: 'server',
      dnsNames,
      addresses: ['127.0.0.1', '::1', ...serviceAddresses, ...addresses],
    }),
    admin: createCertificate({
      ...span,
      issuer,
      subject: { commonName: adminName, organizations: [mastersGroup] },
      usage: 'client',
    }),
    serviceAccountKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
