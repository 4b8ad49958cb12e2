import type { RouteTable, Site } from '../../routes/index.ts';
import type { TableDelta } from '../node-engine/table-delta.ts';
import { entriesOf, type SlotOf } from './route-entries.ts';
import type { RuntimeSocket } from './runtime-socket.ts';

export interface RouteChange {
  readonly table: RouteTable;
  readonly delta: TableDelta;
  readonly slotOf: SlotOf;
}

/** The map of routes as HAProxy has it. */
export class RouteMap {
  private readonly path: string;
  private readonly sites = new Map<string, ReadonlyMap<string, string>>();
  /** Whether each backend had a slot when routes were last written. */
  private readonly native = new Map<string, boolean>();

  constructor(path: string) {
    this.path = path;
  }

  /** Writes the entries of sites that changed; of all when a backend became, or ceased to be, one for HAProxy. */
  async update({ table, delta, slotOf }: RouteChange, runtime: RuntimeSocket): Promise<void> {
    const turned = delta.backends.some(({ id }) => {
      const was = this.native.get(id);
      const is = slotOf(id) !== undefined;
      this.native.set(id, is);
      return was !== undefined && was !== is;
    });
    for (const id of delta.goneBackends) this.native.delete(id);
    const sites: Iterable<Site> = turned ? table.sites.values() : delta.sites;
    const added: string[] = [];
    const commands: string[] = [];
    for (const site of sites) this.compare(site.host, entriesOf(site, slotOf), { added, commands });
    for (const host of delta.goneSites) this.compare(host, new Map(), { added, commands });
    await runtime.tellLines(`add map ${this.path}`, added);
    await Promise.all(commands.map((command) => runtime.tell(command)));
  }

  private compare(
    host: string,
    next: ReadonlyMap<string, string>,
    { added, commands }: { added: string[]; commands: string[] },
  ): void {
    const before = this.sites.get(host);
    for (const [key, value] of next) {
      const old = before?.get(key);
      if (old === undefined) added.push(`${key} ${value}`);
      else if (old !== value) commands.push(`set map ${this.path} ${key} ${value}`);
    }
    for (const key of before?.keys() ?? []) {
      if (!next.has(key)) commands.push(`del map ${this.path} ${key}`);
    }
    if (next.size === 0) this.sites.delete(host);
    else this.sites.set(host, next);
  }
}
