import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority for client certificates, made by openssl. */
export interface Authority {
  readonly certificate: string;
  issue(name: string): { readonly cert: string; readonly key: string };
}

const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(directory: string, ...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
}

export function makeAuthority(): Authority {
  const files = withDirectory((directory) => {
    openssl(
      directory,
      'req',
      '-x509',
      ...ec,
      '-days',
      '2',
      '-subj',
      '/CN=authority',
      '-keyout',
      'key',
      '-out',
      'crt',
    );
    return {
      key: readFileSync(join(directory, 'key'), 'utf8'),
      crt: readFileSync(join(directory, 'crt'), 'utf8'),
    };
  });
  return {
    certificate: files.crt,
    issue: (name) =>
      withDirectory((directory) => {
        writeFileSync(join(directory, 'ca.key'), files.key);
        writeFileSync(join(directory, 'ca.crt'), files.crt);
        openssl(directory, 'req', ...ec, '-subj', `/CN=${name}`, '-keyout', 'key', '-out', 'csr');
        openssl(
          directory,
          'x509',
          '-req',
          '-in',
          'csr',
          '-CA',
          'ca.crt',
          '-CAkey',
          'ca.key',
          '-CAcreateserial',
          '-days',
          '2',
          '-out',
          'crt',
        );
        return {
          key: readFileSync(join(directory, 'key'), 'utf8'),
          cert: readFileSync(join(directory, 'crt'), 'utf8'),
        };
      }),
  };
}

function withDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'portolan-authority-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
