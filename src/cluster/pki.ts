import { join } from 'node:path';
import { createPki, type Pki } from '../apiserver/index.ts';
import { readJsonFile, replaceFile } from '../files/index.ts';
import { formatAddress, nthAddress } from '../ip/index.ts';
import { defaultBlocks, outsideAddresses } from '../node/index.ts';
import type { ClusterAccess } from './daemon/messages.ts';
import { places, type ClusterDirectories } from './directories.ts';
import type { ClusterRecord } from './record.ts';

/** The addresses of the Service `kubernetes`: the first of each block. */
export function kubernetesServiceIPs(): string[] {
  return defaultBlocks.services.map((block) => formatAddress(nthAddress(block, 1)));
}

/** Where the API server answers inside the fabric, IPv4 first. */
export function fabricApiAddresses(): string[] {
  return outsideAddresses(defaultBlocks).map(formatAddress);
}

function pkiFile(directories: ClusterDirectories): string {
  return join(places.pki(directories), 'pki.json');
}

/** The cluster's certificates and keys, made once. */
export function openPki(directories: ClusterDirectories, now: number): Pki {
  const path = pkiFile(directories);
  const kept = readJsonFile(path) as Pki | undefined;
  if (kept !== undefined) return kept;
  const pki = createPki({
    now,
    addresses: fabricApiAddresses(),
    serviceAddresses: kubernetesServiceIPs(),
  });
  replaceFile(path, JSON.stringify(pki), { folderMode: 0o700 });
  return pki;
}

/** What a kubeconfig of the cluster holds. */
export function clusterAccess(pki: Pki, record: Pick<ClusterRecord, 'apiPort'>): ClusterAccess {
  return {
    server: `https://127.0.0.1:${record.apiPort}`,
    certificateAuthority: pki.ca.certificate,
    clientCertificate: pki.admin.certificate,
    clientKey: pki.admin.key,
  };
}
