import { writeFileSync } from 'node:fs';
import type { RouteTable, Site } from '../../routes/index.ts';
import { isPlainHost } from './hand-over.ts';
import type { RuntimeSocket } from './runtime-socket.ts';

function isSealed({ passthrough, policy }: Site): boolean {
  return passthrough !== undefined || policy.clientCertificate !== undefined;
}

/** Whether TLS of some name must reach the embedded engine unopened. */
export function looksAtNames({ sites }: RouteTable): boolean {
  return [...sites.values()].some(isSealed);
}

/** By name of the TLS hello, who opens it: the embedded engine for names that are passed through or ask for certificates. */
export class NameMap {
  private readonly path: string;
  private entries: ReadonlyMap<string, string> = new Map();

  constructor(path: string) {
    this.path = path;
  }

  /** For a process that starts. */
  write(table: RouteTable): void {
    this.entries = entriesOf(table);
    const lines = [...this.entries].map(([name, who]) => `${name} ${who}\n`);
    writeFileSync(this.path, lines.join(''));
  }

  async update(table: RouteTable, runtime: RuntimeSocket): Promise<void> {
    const before = this.entries;
    this.entries = entriesOf(table);
    const added = [...this.entries].filter(([name]) => !before.has(name));
    await runtime.tellLines(
      `add map ${this.path}`,
      added.map(([name, who]) => `${name} ${who}`),
    );
    for (const [name, was] of before) {
      const who = this.entries.get(name);
      if (who === undefined) await runtime.tell(`del map ${this.path} ${name}`);
      else if (who !== was) await runtime.tell(`set map ${this.path} ${name} ${who}`);
    }
  }
}

/** All sites once one is sealed: the nearest site of a name decides, not the nearest sealed one. */
function entriesOf(table: RouteTable): Map<string, string> {
  if (!looksAtNames(table)) return new Map();
  const entries = [...table.sites.values()].map((site): [string, string] => [
    site.host === '' ? '*' : site.host,
    isSealed(site) ? 'embedded' : 'inner',
  ]);
  return new Map(entries.filter(([name]) => name === '*' || isPlainHost(name)));
}
