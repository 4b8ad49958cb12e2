import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, messageOf } from '../../fault/index.ts';
import type { RouteTable } from '../../routes/index.ts';
import type { EngineOptions, IngressEngine } from '../engine.ts';
import { NodeEngine } from '../node-engine/node-engine.ts';
import { deltaBetween, type TableDelta } from '../node-engine/table-delta.ts';
import { AccessSocket } from './access-socket.ts';
import { AccessLines } from './access-lines.ts';
import { CertificateList } from './certificate-list.ts';
import { configurationOf, filesOf, type Structure } from './configuration.ts';
import { writeErrorPages } from './error-files.ts';
import { findHaproxy, type HaproxyProgram } from './find-haproxy.ts';
import { FrontendCounters } from './frontend-counters.ts';
import { isNativeBackend } from './hand-over.ts';
import { HaproxyProcess } from './haproxy-process.ts';
import { RouteMap } from './route-map.ts';
import { Slots } from './slots.ts';
import { looksAtNames, NameMap } from './site-names.ts';

const FEWEST_SLOTS = 64;
const GRACE_MS = 5000;
/** How often servers are deleted that have no connections any more. */
const SWEEP_MS = 1000;

/** A process of HAProxy and what it has been told. */
interface Generation {
  readonly structure: Structure;
  readonly process: HaproxyProcess;
  readonly slots: Slots;
  readonly routes: RouteMap;
  readonly certificates: CertificateList;
  readonly names: NameMap;
}

/**
 * HAProxy, driven by its runtime API: routes, endpoints and certificates change without a reload, while what HAProxy
 * cannot do (or not from values alone) goes to an embedded engine beside it. A new process takes over only for more
 * backends than there is room for, or when names have to be looked at; the old one goes on with its connections.
 */
export class HaproxyEngine implements IngressEngine {
  private readonly options: EngineOptions;
  private readonly program: HaproxyProgram;
  private readonly directory: string;
  private readonly embedded: NodeEngine;
  private readonly access: AccessSocket;
  private readonly lines = new AccessLines((slot) => this.generation?.slots.backendOf(slot));
  private readonly traffic: FrontendCounters;
  private readonly retired = new Set<HaproxyProcess>();
  private generation: Generation | undefined;
  private table: RouteTable | undefined;
  private generations = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly sweeper: NodeJS.Timeout;
  private isClosing = false;

  /**
   * Resolves when the embedded engine and the log stand ready; HAProxy itself starts with the first table, because it
   * does not open a TLS port without a certificate.
   * @throws Fault `INGRESS_HAPROXY_MISSING`
   */
  static async start(options: EngineOptions): Promise<HaproxyEngine> {
    const program = findHaproxy();
    if (program === undefined) {
      throw new Fault({
        code: 'INGRESS_HAPROXY_MISSING',
        message: 'this machine has no HAProxy',
        advice: 'Install it (apt-get install haproxy), or use the engine "node".',
      });
    }
    const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'haproxy-'));
    await using undo = new AsyncDisposableStack();
    undo.defer(() => rmSync(directory, { recursive: true, force: true }));
    const lines = (texts: readonly string[]): void => engine.tell(texts);
    const access = await AccessSocket.listen(filesOf(directory, 0).access, lines);
    undo.defer(() => access.close());
    const embedded = await startEmbedded(options);
    const engine = new HaproxyEngine({ options, program, directory, embedded, access });
    undo.move();
    return engine;
  }

  private constructor(parts: {
    readonly options: EngineOptions;
    readonly program: HaproxyProgram;
    readonly directory: string;
    readonly embedded: NodeEngine;
    readonly access: AccessSocket;
  }) {
    this.options = parts.options;
    this.program = parts.program;
    this.directory = parts.directory;
    this.embedded = parts.embedded;
    this.access = parts.access;
    this.traffic = new FrontendCounters(() => this.generation?.process.runtime);
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  private tell(lines: readonly string[]): void {
    const records = lines.map((line) => this.lines.read(line));
    const told = records.filter((record) => record !== undefined);
    if (told.length > 0) this.options.onAccess(told);
  }

  apply(table: RouteTable): Promise<void> {
    const applied = this.queue.then(() => this.change(table));
    // The next table is tried whatever became of this one; who asked for this one hears of it.
    this.queue = applied.catch(() => undefined);
    return applied;
  }

  private async change(table: RouteTable): Promise<void> {
    // First, so that whatever HAProxy hands over from now on is answered by this table.
    await this.embedded.apply(table);
    const { generation } = this;
    const previous = this.table;
    this.table = table;
    const names = looksAtNames(table) || generation?.structure.looksAtNames === true;
    if (generation !== undefined && !generation.process.isOver) {
      const native = nativeBackends(table);
      const isSame = names === generation.structure.looksAtNames;
      if (isSame && generation.slots.hasRoomFor(native)) {
        if (await this.updateInPlace(generation, table, previous)) return;
      }
    }
    await this.launch(table, names);
  }

  /** @returns false when HAProxy knows something else than it was told: then another process has to begin anew */
  private async updateInPlace(
    generation: Generation,
    table: RouteTable,
    previous: RouteTable | undefined,
  ): Promise<boolean> {
    try {
      await update(generation, table, deltaBetween(previous, table));
      return true;
    } catch (error) {
      this.options.log(`HAProxy is started anew: ${messageOf(error)}`);
      return false;
    }
  }

  /** Starts a process for a table; one that runs already hands its sockets over. */
  private async launch(table: RouteTable, names: boolean): Promise<void> {
    const previous = this.generation;
    this.generations += 1;
    const files = filesOf(this.directory, this.generations);
    const structure = this.structureFor(table, names);
    const certificates = new CertificateList(files);
    certificates.write(table.fallbackCertificate, certificatesOf(table));
    const nameMap = new NameMap(files.names);
    nameMap.write(table);
    // Empty: until it has been told where routes lead, it hands everything to the embedded engine.
    writeFileSync(files.routes, '');
    writeErrorPages(files);
    const configuration = join(this.directory, `haproxy-${this.generations}.cfg`);
    writeFileSync(configuration, configurationOf(structure));
    const process = await HaproxyProcess.launch({
      program: this.program,
      netns: this.options.place.netns,
      configuration,
      admin: files.admin,
      previous: previous?.process.isOver === false ? previous.process : undefined,
    });
    process.whenOver((why) => this.heardEnd(process, why));
    if (previous !== undefined && !previous.process.isOver) {
      this.retired.add(previous.process);
      previous.process.retire();
    }
    const slots = new Slots(structure.slots, structure.embedded.http);
    const routes = new RouteMap(files.routes);
    this.generation = { structure, process, slots, routes, certificates, names: nameMap };
    await update(this.generation, table, deltaBetween(undefined, table));
  }

  private structureFor(table: RouteTable, names: boolean): Structure {
    const { httpPort, httpsPort, proxyProtocol = false } = this.options.place;
    let slots = this.generation?.structure.slots ?? FEWEST_SLOTS;
    // Twice what is needed: backends on their way out hold their slots while others come.
    while (slots < 2 * nativeBackends(table).length) slots *= 2;
    return {
      files: filesOf(this.directory, this.generations),
      httpPort,
      httpsPort,
      proxyProtocol,
      hasIpv6: existsSync('/proc/net/if_inet6'),
      slots,
      looksAtNames: names,
      embedded: this.embedded.ports,
    };
  }

  private heardEnd(process: HaproxyProcess, why: string): void {
    const wasRetired = this.retired.delete(process);
    if (wasRetired || this.isClosing || process !== this.generation?.process) return;
    this.options.log(`HAProxy ended and is started again: ${why}`);
    const { table } = this;
    if (table === undefined) return;
    this.apply(table).catch((error: unknown) => this.options.log(messageOf(error)));
  }

  private sweep(): void {
    const { generation } = this;
    if (generation?.slots.hasLeaving !== true || generation.process.isOver) return;
    this.queue = this.queue
      .then(() => generation.slots.sweep(generation.process.runtime))
      .catch(() => undefined);
  }

  counters(): ReturnType<IngressEngine['counters']> {
    return this.traffic.read();
  }

  async close(graceMs: number = GRACE_MS): Promise<void> {
    this.isClosing = true;
    clearInterval(this.sweeper);
    this.traffic.close();
    await this.queue;
    const processes = [this.generation?.process, ...this.retired].filter(
      (one) => one !== undefined,
    );
    await Promise.all(processes.map((process) => process.stop(graceMs)));
    await this.embedded.close(0);
    this.access.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The engine for what is handed over: on the namespace's loopback, told of clients by the PROXY protocol. */
function startEmbedded(options: EngineOptions): Promise<NodeEngine> {
  const { netns, httpPort, httpsPort } = options.place;
  return NodeEngine.start({
    ...options,
    place: {
      netns,
      address: '127.0.0.1',
      httpPort: 0,
      httpsPort: 0,
      publicPorts: { http: httpPort, https: httpsPort },
      proxyProtocol: true,
      opensTlsBefore: true,
    },
  });
}

function nativeBackends({ backends }: RouteTable): string[] {
  return [...backends.values()].filter(isNativeBackend).map(({ id }) => id);
}

function certificatesOf({
  sites,
}: RouteTable): Map<string, NonNullable<TableDelta['fallbackCertificate']>> {
  const certificates = [...sites.values()].flatMap(({ host, certificate }) =>
    certificate === undefined || host === '' ? [] : [[host, certificate] as const],
  );
  return new Map(certificates);
}

/** Tells HAProxy what changed: what is added first, so that nothing ever leads nowhere. */
async function update(generation: Generation, table: RouteTable, delta: TableDelta): Promise<void> {
  const { slots, routes, certificates, names } = generation;
  const { runtime } = generation.process;
  const native = delta.backends.filter(isNativeBackend);
  const certified = delta.sites.filter(
    ({ host, certificate }) => host !== '' && certificate !== undefined,
  );
  const changed = certified.map(({ host, certificate }) => [host, certificate] as const);
  await certificates.update(delta.fallbackCertificate, new Map(changed as never), runtime);
  await Promise.all(native.map((backend) => slots.extend(backend, runtime)));
  const lost = delta.backends.filter((backend) => !isNativeBackend(backend)).map(({ id }) => id);
  const gone = [...delta.goneBackends, ...lost];
  const usable = (id: string): string | undefined =>
    gone.includes(id) ? undefined : slots.slotOf(id);
  await routes.update({ table, delta, slotOf: usable }, runtime);
  if (generation.structure.looksAtNames) await names.update(table, runtime);
  for (const backend of native) await slots.reduce(backend, runtime);
  for (const id of gone) await slots.release(id, runtime);
  const bare = delta.sites.filter(({ certificate }) => certificate === undefined);
  for (const host of [...delta.goneSites, ...bare.map(({ host }) => host)]) {
    await certificates.remove(host, runtime);
  }
}
