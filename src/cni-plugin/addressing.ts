import { addressOf, readResult, type CniDns } from '../cni/index.ts';
import type { Address } from '../ip/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { callPlugin } from '../node/cni/call-plugin.ts';
import { findPlugin } from '../node/cni/find-plugin.ts';
import { readRanges } from './address-ranges.ts';
import type { AttachmentStore } from './attachment-store.ts';
import { CNI_CODE, CniError } from '../cni/index.ts';
import type { Request } from './request.ts';

/** What a container gets from whoever has the addresses. */
export interface Assignment {
  readonly addresses: readonly Address[];
  readonly dns?: CniDns;
}

/** Gives containers addresses and takes them back. */
export interface Addressing {
  assign(): Promise<Assignment>;
  release(): Promise<void>;
  /** @throws CniError when what {@link Addressing.assign} gave is not there any more */
  check(addresses: readonly string[]): Promise<void>;
  collect(): Promise<void>;
  /** @throws CniError 50 when there is no address to give */
  status(): Promise<void>;
}

/** The plugin's own addresses. */
function ownAddressing({ key, settings }: Request, store: AttachmentStore): Addressing {
  return {
    async assign() {
      const sets = readRanges(settings);
      return { addresses: sets.map((set, position) => store.reserve(key, set, position)) };
    },
    // The store frees them as it forgets the connection.
    async release() {},
    async collect() {},
    async check(addresses) {
      const held = store.addressesOf(key);
      const lost = addresses.filter((address) => !held.includes(address));
      if (lost.length === 0) return;
      const message = `${lost.join(', ')} is not reserved for ${key.containerID}`;
      throw new CniError({ number: CNI_CODE.other, message });
    },
    async status() {
      if (readRanges(settings).every((set) => store.hasRoom(set))) return;
      const message = `no address is left in network ${settings.name}`;
      throw new CniError({ number: CNI_CODE.pluginNotAvailable, message });
    },
  };
}

/** Another plugin's addresses: it is asked with what we were asked with (section 4, "Plugin Delegation"). */
function delegatedAddressing(kernel: Kernel, { path, input }: Request, type: string): Addressing {
  const ask = (command: string): Promise<string> =>
    callPlugin(kernel, {
      file: findPlugin(type, path),
      netns: undefined,
      environment: { CNI_COMMAND: command },
      input,
    });
  const tell = async (command: string): Promise<void> => {
    await ask(command);
  };
  return {
    async assign() {
      const { ips = [], dns } = readResult(await ask('ADD'));
      return { addresses: ips.map(addressOf), ...(dns === undefined ? {} : { dns }) };
    },
    release: () => tell('DEL'),
    check: () => tell('CHECK'),
    collect: () => tell('GC'),
    status: () => tell('STATUS'),
  };
}

/** Whoever has the addresses of a network, as `ipam.type` says. */
export function addressingOf(kernel: Kernel, request: Request, store: AttachmentStore): Addressing {
  const type = request.settings.ipam?.type;
  return type === undefined
    ? ownAddressing(request, store)
    : delegatedAddressing(kernel, request, type);
}
