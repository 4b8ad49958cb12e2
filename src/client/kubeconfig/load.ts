import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault, messageOf } from '../../fault/index.ts';
import type { HttpClientOptions } from '../http/connection.ts';
import { KubeconfigDocument, type Section } from './document.ts';
import { kubeconfigFiles, type KubeconfigPlace } from './locations.ts';
import { readIfThere } from './locked-file.ts';

/** A loaded file; relative paths in it start at its directory. */
interface LoadedFile {
  readonly path: string;
  readonly document: KubeconfigDocument;
}

interface Found {
  readonly file: LoadedFile;
  readonly content: Readonly<Record<string, unknown>>;
}

function loadFiles(place: KubeconfigPlace): LoadedFile[] {
  return kubeconfigFiles(place).flatMap((path) => {
    const text = readIfThere(path);
    return text === undefined ? [] : [{ path, document: new KubeconfigDocument(path, text) }];
  });
}

function missing(what: string, name: string, files: readonly string[]): Fault {
  return new Fault({
    code: 'KUBECONFIG_INCOMPLETE',
    message: `no ${what} "${name}" in ${files.join(', ')}`,
    advice: 'List what is there with "kubectl config view".',
  });
}

function find(files: readonly LoadedFile[], section: Section, name: string): Found | undefined {
  for (const file of files) {
    const content = file.document.get(section, name);
    if (content !== undefined) return { file, content };
  }
  return undefined;
}

function text(found: Found, field: string): string | undefined {
  const value = found.content[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readReferenced(found: Found, path: string): string {
  try {
    return readFileSync(resolve(dirname(found.file.path), path), 'utf8');
  } catch (error) {
    throw new Fault({
      code: 'KUBECONFIG_UNREADABLE',
      message: `${found.file.path} names the file ${path}: ${messageOf(error)}`,
      advice: 'Correct the path in the kubeconfig.',
      cause: error,
    });
  }
}

/** `NAME-data` holds the PEM in base64, `NAME` a path; the former wins. */
function pem(found: Found, name: string): string | undefined {
  const data = text(found, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString();
  const path = text(found, name);
  return path === undefined ? undefined : readReferenced(found, path);
}

function userOptions(user: Found): Partial<HttpClientOptions> {
  const unsupported = ['exec', 'auth-provider', 'username'].find((way) => way in user.content);
  if (unsupported !== undefined)
    throw new Fault({
      code: 'KUBECONFIG_UNSUPPORTED',
      message: `${user.file.path}: users with "${unsupported}" are not supported`,
      advice: 'Use a client certificate or a token.',
    });
  const tokenFile = text(user, 'tokenFile');
  const token =
    tokenFile === undefined ? text(user, 'token') : readReferenced(user, tokenFile).trim();
  const clientCertificate = pem(user, 'client-certificate');
  const clientKey = pem(user, 'client-key');
  return {
    ...(token === undefined ? {} : { token }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
  };
}

function clusterOptions(cluster: Found): HttpClientOptions {
  const certificateAuthority = pem(cluster, 'certificate-authority');
  const serverName = text(cluster, 'tls-server-name');
  return {
    server: text(cluster, 'server') ?? 'http://localhost:8080',
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(cluster.content['insecure-skip-tls-verify'] === true ? { insecure: true } : {}),
  };
}

/** What a context of the kubeconfig says, ready for a client. */
export interface LoadedContext {
  readonly name: string;
  readonly namespace: string;
  readonly options: HttpClientOptions;
}

/**
 * Reads how to reach a context's cluster, merging files as kubectl does.
 * @param context the current one when absent
 * @throws Fault `KUBECONFIG_INCOMPLETE`, `KUBECONFIG_INVALID`, `KUBECONFIG_UNREADABLE`, `KUBECONFIG_UNSUPPORTED`
 */
export function loadContext(place: KubeconfigPlace = {}, context?: string): LoadedContext {
  const files = loadFiles(place);
  const paths = kubeconfigFiles(place);
  const current = files.map(({ document }) => document.currentContext).find((name) => name !== '');
  const name = context ?? current ?? '';
  const entry = find(files, 'contexts', name);
  if (entry === undefined) throw missing('context', name, paths);
  const clusterName = text(entry, 'cluster') ?? '';
  const cluster = find(files, 'clusters', clusterName);
  if (cluster === undefined) throw missing('cluster', clusterName, paths);
  const userName = text(entry, 'user');
  const user = userName === undefined ? undefined : find(files, 'users', userName);
  if (userName !== undefined && user === undefined) throw missing('user', userName, paths);
  return {
    name,
    namespace: text(entry, 'namespace') ?? 'default',
    options: { ...clusterOptions(cluster), ...(user === undefined ? {} : userOptions(user)) },
  };
}
