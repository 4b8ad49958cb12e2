import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestCluster } from './harness.ts';

const program = process.env['PORTOLAN_CHROMIUM'] ?? '';

/** Why there is no browser; false when there is one. */
export const noBrowser = program === '' && 'no Chromium: set-up unpacks Debian’s and names it';

/** Not a word to anybody but the page's own servers. */
const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The folders of libraries that were unpacked with the browser. */
function libraries(): string[] {
  const unpacked = join(dirname(program), '../../..');
  return ['lib', 'usr/lib']
    .map((folder) => join(unpacked, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((folder) => folder.endsWith('-linux-gnu'))
    .flatMap((folder) => [folder, join(folder, 'pulseaudio')]);
}

/** What `--ignore-certificate-errors-spki-list` takes: that one certificate is trusted, and no other. */
function fingerprint(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

export interface Visit {
  /** Where every name of the world is, for this visit. */
  readonly address: string;
  /** PEM of what the browser trusts. */
  readonly trusted: string;
}

/**
 * Opens a page in a browser that knows nothing yet, and waits until it has loaded.
 * @returns its document then, as HTML
 * @throws Error with what the browser says when it could not be had
 */
export function visit(
  cluster: TestCluster,
  url: string,
  { address, trusted }: Visit,
): Promise<string> {
  const options = [
    ...quiet,
    `--user-data-dir=${mkdtempSync(join(cluster.home, 'browser-'))}`,
    `--host-resolver-rules=MAP * ${address}`,
    `--ignore-certificate-errors-spki-list=${fingerprint(trusted)}`,
    '--dump-dom',
  ];
  return cluster.ok(program, [...options, url], {
    env: { LD_LIBRARY_PATH: libraries().join(':') },
  });
}
