import type { Backend } from '../../routes/index.ts';
import { EMBEDDED_SERVER } from './access-lines.ts';
import { embeddedServer, slotName } from './configuration.ts';
import type { RuntimeSocket } from './runtime-socket.ts';

/** Servers that are added at runtime keep no connections unless told to (HAProxy 2.6). */
const KEPT_CONNECTIONS = 'pool-max-conn 1000 pool-purge-delay 5s';

/** A backend's place in the configuration, and the servers it has there, from address to name. */
interface Slot {
  readonly name: string;
  readonly servers: Map<string, string>;
}

/** The pool of HAProxy's backends: each of the table's gets one, whose servers come and go at runtime. */
export class Slots {
  readonly size: number;
  private readonly embeddedPort: number;
  private readonly slots = new Map<string, Slot>();
  private readonly backends = new Map<string, string>();
  private readonly free: string[];
  /** Servers that get no more requests and go when their connections have. */
  private readonly leaving = new Set<string>();
  private nextServer = 1;

  constructor(size: number, embeddedPort: number) {
    this.size = size;
    this.embeddedPort = embeddedPort;
    this.free = Array.from({ length: size }, (_, at) => slotName(at));
  }

  slotOf(backend: string): string | undefined {
    return this.slots.get(backend)?.name;
  }

  /** The backend that a slot was last given to. */
  backendOf(slot: string): string | undefined {
    return this.backends.get(slot);
  }

  hasRoomFor(backends: readonly string[]): boolean {
    const more = backends.filter((id) => !this.slots.has(id)).length;
    return more <= this.free.length;
  }

  /** Gives a backend a slot if it has none, and its slot the servers that are missing. */
  async extend(backend: Backend, runtime: RuntimeSocket): Promise<void> {
    const slot = this.slots.get(backend.id) ?? this.take(backend.id);
    const added = [...this.wanted(backend)].filter(([address]) => !slot.servers.has(address));
    await Promise.all(
      added.map(([address, server]) => this.add(slot, { address, server }, runtime)),
    );
  }

  /** A backend without upstreams is answered for by the embedded engine, which says why. */
  private wanted({ upstreams }: Backend): Map<string, string> {
    if (upstreams.length === 0) {
      return new Map([[EMBEDDED_SERVER, embeddedServer(this.embeddedPort)]]);
    }
    const addresses = upstreams.map(({ ip, port }) =>
      ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`,
    );
    return new Map(addresses.map((address) => [address, `${address} ${KEPT_CONNECTIONS}`]));
  }

  private take(backend: string): Slot {
    const name = this.free.shift();
    if (name === undefined) throw new Error(`no slot is left for ${backend}`);
    const slot = { name, servers: new Map<string, string>() };
    this.slots.set(backend, slot);
    this.backends.set(name, backend);
    return slot;
  }

  private async add(
    { name, servers }: Slot,
    { address, server }: { address: string; server: string },
    runtime: RuntimeSocket,
  ): Promise<void> {
    const short = address === EMBEDDED_SERVER ? EMBEDDED_SERVER : `u${this.nextServer}`;
    const own = short === EMBEDDED_SERVER && this.leaving.delete(`${name}/${short}`);
    this.nextServer += 1;
    const path = `${name}/${short}`;
    servers.set(address, path);
    const commands = [`enable server ${path}`];
    if (!own) commands.unshift(`add server ${path} ${server}`);
    await Promise.all(
      commands.map((command) => runtime.tell(command, /^(?:New server registered\.)?$/u)),
    );
  }

  /** Takes the servers away that a backend has no more. */
  async reduce(backend: Backend, runtime: RuntimeSocket): Promise<void> {
    const wanted = this.wanted(backend);
    const slot = this.slots.get(backend.id);
    for (const [address, path] of slot?.servers ?? []) {
      if (wanted.has(address)) continue;
      slot?.servers.delete(address);
      await this.dismiss(path, runtime);
    }
  }

  /** Gives a backend's slot back. */
  async release(backend: string, runtime: RuntimeSocket): Promise<void> {
    const slot = this.slots.get(backend);
    if (slot === undefined) return;
    this.slots.delete(backend);
    for (const path of slot.servers.values()) await this.dismiss(path, runtime);
    this.free.push(slot.name);
  }

  private async dismiss(path: string, runtime: RuntimeSocket): Promise<void> {
    await runtime.tell(`set server ${path} state maint`);
    this.leaving.add(path);
  }

  /** Deletes servers whose connections have ended. */
  async sweep(runtime: RuntimeSocket): Promise<void> {
    for (const path of this.leaving) {
      const answer = await runtime.ask(`del server ${path}`);
      if (answer.startsWith('Server deleted')) this.leaving.delete(path);
    }
  }

  get hasLeaving(): boolean {
    return this.leaving.size > 0;
  }
}
