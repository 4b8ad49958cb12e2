import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CNI_CODE, CniError } from '../cni/index.ts';
import { createFile, errnoOf, readJsonFile, readTextFile, replaceFile } from '../files/index.ts';
import { formatAddress, parseAddress, type Address } from '../ip/index.ts';
import { addressesAfter, type RangeSet } from './address-ranges.ts';
import type { AttachmentKey, PluginSettings } from './request.ts';

const DATA_FOLDER = '/var/lib/cni/portolan';
/** The kernel has room for 15 bytes. */
const LINK_DIGITS = 11;

/** For everybody to read, as host-local's are. */
const FILE_MODE = 0o644;

/**
 * What a network of this plugin remembers between its calls, which may come at the same time:
 *
 *     DATA/NETWORK/addresses/10.1.0.5     whose it is; a hard link, so that one call alone can make it, and complete
 *     DATA/NETWORK/attachments/HASH.json  the container and the interface
 *     DATA/NETWORK/last-0                 of set 0, what was given last
 */
export class AttachmentStore {
  private readonly network: string;
  private readonly folder: string;

  constructor({ name, ipam = {} }: PluginSettings) {
    this.network = name;
    this.folder = join(ipam.dataDir ?? DATA_FOLDER, name);
  }

  /** One name for a connection, which also names the node's end of its wire. */
  private hash({ containerID, ifname }: AttachmentKey): string {
    return createHash('sha256').update(`${this.network}\n${containerID}\n${ifname}`).digest('hex');
  }

  linkName(key: AttachmentKey): string {
    return `pcni${this.hash(key).slice(0, LINK_DIGITS)}`;
  }

  private path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Makes the folders; ADD is the first to need them. */
  prepare(): void {
    for (const folder of ['addresses', 'attachments']) {
      mkdirSync(this.path(folder), { recursive: true, mode: 0o755 });
    }
  }

  /** Notes a connection. @throws CniError 7 when it is there: ADD must not be called twice */
  open(key: AttachmentKey): void {
    const path = this.path('attachments', `${this.hash(key)}.json`);
    try {
      createFile(path, JSON.stringify(key), { mode: FILE_MODE });
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      throw new CniError({
        number: CNI_CODE.invalidEnvironment,
        message: `${key.containerID} has ${key.ifname} in network ${this.network} already`,
        cause: error,
      });
    }
  }

  /** Takes a free address of a set for a connection. @throws CniError 11 when none is left */
  reserve(key: AttachmentKey, set: RangeSet, position: number): Address {
    const note = this.path(`last-${position}`);
    const previous = parseAddress(readTextFile(note) ?? '');
    const claim = this.path(`claim-${randomUUID()}`);
    writeFileSync(claim, this.hash(key));
    try {
      for (const address of addressesAfter(set, previous)) {
        const text = formatAddress(address);
        if (!this.claim(claim, text)) continue;
        replaceFile(note, text, { mode: FILE_MODE });
        return address;
      }
    } finally {
      rmSync(claim, { force: true });
    }
    throw new CniError({
      number: CNI_CODE.tryAgainLater,
      message: `no address is left in range set ${position} of network ${this.network}`,
    });
  }

  private claim(claim: string, address: string): boolean {
    try {
      linkSync(claim, this.path('addresses', address));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** Whether a set has an address for one more pod. */
  hasRoom(set: RangeSet): boolean {
    const taken = new Set(this.names('addresses'));
    for (const address of addressesAfter(set, undefined)) {
      if (!taken.has(formatAddress(address))) return true;
    }
    return false;
  }

  private names(folder: string): string[] {
    const path = this.path(folder);
    return existsSync(path) ? readdirSync(path).filter((name) => !name.endsWith('.tmp')) : [];
  }

  private holder(address: string): string {
    return readTextFile(this.path('addresses', address)) ?? '';
  }

  /** The addresses of a connection. */
  addressesOf(key: AttachmentKey): string[] {
    const hash = this.hash(key);
    return this.names('addresses').filter((address) => this.holder(address) === hash);
  }

  /** Frees a connection's addresses and forgets it; harmless when it is not there. */
  close(key: AttachmentKey): void {
    for (const address of this.addressesOf(key)) rmSync(this.path('addresses', address));
    rmSync(this.path('attachments', `${this.hash(key)}.json`), { force: true });
  }

  /** All connections that are noted; one that is closed meanwhile is not among them. */
  list(): AttachmentKey[] {
    return this.names('attachments')
      .map((name) => readJsonFile(this.path('attachments', name)) as AttachmentKey | undefined)
      .filter((key) => key !== undefined);
  }

  /** Frees the addresses that belong to none of these connections. */
  freeStrays(valid: readonly AttachmentKey[]): void {
    const hashes = new Set(valid.map((key) => this.hash(key)));
    for (const address of this.names('addresses')) {
      if (!hashes.has(this.holder(address)))
        rmSync(this.path('addresses', address), { force: true });
    }
  }
}
