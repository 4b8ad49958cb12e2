// What tests put behind Ingresses, and in front of them.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCertificate } from '../../src/apiserver/index.ts';
import { root } from './harness.ts';
import { pod } from './manifests.ts';

/** Everything of this machine that a pod needs to run this Node on a file of this repository. */
const folders = ['/lib', '/lib64', dirname(process.execPath), root];
const program = fileURLToPath(import.meta.resolve('./ingress-peer.ts'));

/** A pod labelled `tier: peer` that runs `ingress-peer.ts`. */
export function peer(name: string): object {
  return pod(name, {
    labels: { tier: 'peer' },
    containers: [
      {
        script: `exec ${process.execPath} ${program}`,
        readinessProbe: { tcpSocket: { port: 9090 }, periodSeconds: 1 },
        volumeMounts: folders.map((mountPath, index) => ({
          name: `folder-${index}`,
          mountPath,
          readOnly: true,
        })),
      },
    ],
    volumes: folders.map((path, index) => ({ name: `folder-${index}`, hostPath: { path } })),
  });
}

const HOUR_MS = 3600 * 1000;

/** A certificate for hosts, signed by itself: its Secret, and the PEM that clients trust. */
export function certificate(
  name: string,
  ...hosts: readonly [string, ...string[]]
): { secret: object; chain: string } {
  const { certificate: chain, key } = createCertificate({
    subject: { commonName: hosts[0] },
    usage: 'server',
    dnsNames: hosts,
    notBefore: Date.now() - HOUR_MS,
    notAfter: Date.now() + HOUR_MS,
  });
  const stringData = { 'tls.crt': chain, 'tls.key': key };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
  return { secret: { ...secret, type: 'kubernetes.io/tls' }, chain };
}
