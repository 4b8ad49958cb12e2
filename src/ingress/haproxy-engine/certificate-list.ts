import { createSecureContext } from 'node:tls';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../../routes/index.ts';
import type { EngineFiles } from './configuration.ts';
import { isPlainHost } from './hand-over.ts';
import type { RuntimeSocket } from './runtime-socket.ts';

const FALLBACK = 'fallback.pem';

/** The blocks of a PEM text, without what may stand between them: an empty line would end a command. */
function pemOf({ chain, key }: Certificate): string[] {
  const blocks =
    `${chain}\n${key}`.match(/-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [A-Z0-9 ]+-----/gu) ?? [];
  return blocks.flatMap((block) => block.split(/\s*\n\s*/u)).filter((line) => line !== '');
}

/** Certificates by host as HAProxy has them; each host has its own entry, so that a new one is one exchange. */
export class CertificateList {
  private readonly files: EngineFiles;
  private fallback: Certificate | undefined;
  private readonly hosts = new Map<string, { certificate: Certificate; path: string }>();
  private next = 1;

  constructor(files: EngineFiles) {
    this.files = files;
  }

  /** Writes all to files, for a process that starts. */
  write(fallback: Certificate, wanted: ReadonlyMap<string, Certificate>): void {
    this.hosts.clear();
    this.fallback = fallback;
    const { directory, certificates } = this.files;
    const save = (name: string, certificate: Certificate): string => {
      const path = join(directory, name);
      writeFileSync(path, `${pemOf(certificate).join('\n')}\n`, { mode: 0o600 });
      return path;
    };
    const lines = [save(FALLBACK, fallback)];
    for (const [host, certificate] of wanted) {
      if (!isUsable(host, certificate)) continue;
      const path = save(this.newName(), certificate);
      this.hosts.set(host, { certificate, path });
      lines.push(`${path} ${host}`);
    }
    writeFileSync(certificates, `${lines.join('\n')}\n`);
  }

  private newName(): string {
    this.next += 1;
    return `c${this.next}.pem`;
  }

  /** Adds and exchanges what changed. */
  async update(
    fallback: Certificate,
    changed: ReadonlyMap<string, Certificate>,
    runtime: RuntimeSocket,
  ): Promise<void> {
    if (fallback.chain !== this.fallback?.chain) {
      this.fallback = fallback;
      await this.set(join(this.files.directory, FALLBACK), fallback, runtime);
    }
    for (const [host, certificate] of changed) {
      if (isUsable(host, certificate)) await this.put(host, certificate, runtime);
      else await this.remove(host, runtime);
    }
  }

  private async put(host: string, certificate: Certificate, runtime: RuntimeSocket): Promise<void> {
    const known = this.hosts.get(host);
    if (known?.certificate === certificate) return;
    if (known !== undefined) {
      await this.set(known.path, certificate, runtime);
      this.hosts.set(host, { certificate, path: known.path });
      return;
    }
    const path = join(this.files.directory, this.newName());
    const list = `add ssl crt-list ${this.files.certificates}`;
    await runtime.tell(`new ssl cert ${path}`, /^New empty/u);
    await this.set(path, certificate, runtime);
    await runtime.tell(list, /Success/u, [`${path} ${host}`]);
    this.hosts.set(host, { certificate, path });
  }

  private async set(path: string, certificate: Certificate, runtime: RuntimeSocket): Promise<void> {
    await runtime.tell(`set ssl cert ${path}`, /^Transaction/u, pemOf(certificate));
    await runtime.tell(`commit ssl cert ${path}`, /Success/u);
  }

  /** Takes a host's own certificate away. */
  async remove(host: string, runtime: RuntimeSocket): Promise<void> {
    const known = this.hosts.get(host);
    if (known === undefined) return;
    this.hosts.delete(host);
    await runtime.ask(`del ssl crt-list ${this.files.certificates} ${known.path}`);
    await runtime.ask(`del ssl cert ${known.path}`);
  }
}

const checked = new WeakMap<Certificate, boolean>();

/**
 * A certificate that its key does not fit would stop HAProxy from starting, a strange name would end its line: the
 * fallback answers instead.
 */
function isUsable(host: string, certificate: Certificate): boolean {
  const known = checked.get(certificate) ?? canBeServed(certificate);
  checked.set(certificate, known);
  return known && isPlainHost(host);
}

function canBeServed({ chain, key }: Certificate): boolean {
  try {
    createSecureContext({ cert: chain, key });
    return true;
  } catch {
    return false;
  }
}
