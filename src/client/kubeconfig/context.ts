import type { Clock } from '../../clock/index.ts';
import { KubeconfigDocument, type Section } from './document.ts';
import { defaultFile, kubeconfigFiles, type KubeconfigPlace } from './locations.ts';
import { changeLocked, readIfThere } from './locked-file.ts';

/** How a cluster is reached and as whom: PEM texts, embedded in the file. */
export interface KubeconfigAccess {
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  readonly certificateAuthority: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
}

export interface KubeconfigChangeOptions {
  /** The name of the cluster, the user and the context alike. */
  readonly name: string;
  readonly place?: KubeconfigPlace;
  readonly clock?: Clock;
}

const sections: readonly Section[] = ['clusters', 'users', 'contexts'];

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}

function optional64(pem: string | undefined): string | undefined {
  return pem === undefined ? undefined : base64(pem);
}

function fieldsOf(access: KubeconfigAccess, name: string) {
  return {
    clusters: {
      server: access.server,
      'certificate-authority-data': base64(access.certificateAuthority),
    },
    users: {
      'client-certificate-data': optional64(access.clientCertificate),
      'client-key-data': optional64(access.clientKey),
      token: access.token,
    },
    contexts: { cluster: name, user: name },
  };
}

/** The file that already holds the entry, else the one that takes new entries. */
function homeOf(files: readonly string[], section: Section, name: string): string {
  const holder = files.find((path) => {
    const text = readIfThere(path);
    return (
      text !== undefined && new KubeconfigDocument(path, text).get(section, name) !== undefined
    );
  });
  return holder ?? defaultFile(files);
}

async function edit(
  path: string,
  change: (document: KubeconfigDocument) => void,
  clock: Clock | undefined,
): Promise<void> {
  await changeLocked(
    path,
    (text) => {
      const document = new KubeconfigDocument(path, text);
      const before = document.toString();
      change(document);
      const after = document.toString();
      return text !== undefined && after === before ? undefined : after;
    },
    clock,
  );
}

/**
 * Writes cluster, user and context under one name and makes the context current, by kubectl's rules: an entry stays in
 * the file that has it, new ones go to the default file, everything else in the files stays as it is.
 * @returns the file that holds the context
 */
export async function writeContext(
  options: KubeconfigChangeOptions & { readonly access: KubeconfigAccess },
): Promise<string> {
  const { name, access, place, clock } = options;
  const files = kubeconfigFiles(place);
  const fields = fieldsOf(access, name);
  for (const section of sections) {
    const path = homeOf(files, section, name);
    await edit(path, (document) => document.set(section, name, fields[section]), clock);
  }
  await selectContext(files, name, clock);
  return homeOf(files, 'contexts', name);
}

/** Of several files the first that names a current context wins, so that one is changed. */
async function selectContext(
  files: readonly string[],
  name: string,
  clock: Clock | undefined,
): Promise<void> {
  const path = files.find((file) => currentIn(file) !== '') ?? defaultFile(files);
  await edit(
    path,
    (document) => {
      document.currentContext = name;
    },
    clock,
  );
}

function currentIn(path: string): string {
  const text = readIfThere(path);
  return text === undefined ? '' : new KubeconfigDocument(path, text).currentContext;
}

/** Takes cluster, user and context out of every file again, and un-makes the context current. */
export async function removeContext(options: KubeconfigChangeOptions): Promise<void> {
  const { name, place, clock } = options;
  for (const path of kubeconfigFiles(place)) {
    const text = readIfThere(path);
    if (text === undefined || !mentions(new KubeconfigDocument(path, text), name)) continue;
    await edit(
      path,
      (document) => {
        for (const section of sections) document.delete(section, name);
        if (document.currentContext === name) document.currentContext = '';
      },
      clock,
    );
  }
}

function mentions(document: KubeconfigDocument, name: string): boolean {
  return (
    document.currentContext === name ||
    sections.some((section) => document.names(section).includes(name))
  );
}

/** A kubeconfig of one context alone, as text. */
export function kubeconfigText(name: string, access: KubeconfigAccess): string {
  const document = new KubeconfigDocument('', undefined);
  const fields = fieldsOf(access, name);
  for (const section of sections) document.set(section, name, fields[section]);
  document.currentContext = name;
  return document.toString();
}
