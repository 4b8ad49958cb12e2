import { addressFromBytes, formatAddress } from '../src/ip/index.ts';
import { KernelEvents, type Kernel } from '../src/kernel/index.ts';
import {
  attributeMap,
  NETFILTER_GROUPS,
  readAttributes,
  type NetlinkMessage,
} from '../src/netlink/index.ts';

/** `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_...` (include/uapi/linux/netfilter/nfnetlink.h, nf_tables.h). */
const ADDED = 0x0a0c;
const REMOVED = 0x0a0e;
/** Length of `struct nfgenmsg`, before the attributes. */
const NFGEN_LENGTH = 4;
const ELEM_LIST_SET = 2;
const ELEM_LIST_ELEMENTS = 3;
const ELEM_KEY = 1;
const DATA_VALUE = 1;
const IPV4_LENGTH = 4;

/** The map of the plan room that sends an address, protocol and port to its endpoints; nft ends names with a NUL. */
const SERVICES = 'services\0';

/** The addresses that a notification adds to the services map or takes from it. */
function addressesIn({ body }: NetlinkMessage): string[] {
  const attributes = attributeMap(body.subarray(NFGEN_LENGTH));
  if (attributes.get(ELEM_LIST_SET)?.toString('latin1') !== SERVICES) return [];
  return readAttributes(attributes.get(ELEM_LIST_ELEMENTS) ?? Buffer.alloc(0)).flatMap(
    (element) => {
      const key = attributeMap(element.value).get(ELEM_KEY) ?? Buffer.alloc(0);
      const bytes = attributeMap(key).get(DATA_VALUE)?.subarray(0, IPV4_LENGTH);
      return bytes === undefined ? [] : [formatAddress(addressFromBytes(bytes))];
    },
  );
}

/** Sees Services come to the kernels of all nodes, and go, in the moment nf_tables says so. */
export class ElementWatch implements AsyncDisposable {
  private readonly events: KernelEvents;
  private readonly nodes: readonly string[];
  /** Address to the pins of the nodes that have it. */
  private readonly known = new Map<string, Set<string>>();
  private readonly waiters = new Set<() => void>();
  private lost: Error | undefined;

  constructor(kernel: Kernel, nodePins: readonly string[]) {
    this.events = new KernelEvents(kernel);
    this.nodes = nodePins;
    for (const pin of nodePins) {
      this.events.subscribeNetfilter(pin, [NETFILTER_GROUPS.nftables], {
        onMessages: (messages) => this.read(pin, messages),
        onLost: () => this.fail(new Error(`notifications of ${pin} were lost`)),
      });
    }
  }

  /** Resolves when every node has the address. */
  whenEverywhere(address: string): Promise<void> {
    return this.when(() => this.known.get(address)?.size === this.nodes.length);
  }

  /** Resolves when no node has the address any more. */
  whenNowhere(address: string): Promise<void> {
    return this.when(() => (this.known.get(address)?.size ?? 0) === 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.events.close();
  }

  private when(isReached: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.lost === undefined && !isReached()) return;
      this.waiters.delete(look);
      if (this.lost === undefined) resolve();
      else reject(this.lost);
    };
    this.waiters.add(look);
    look();
    return promise;
  }

  private read(pin: string, messages: readonly NetlinkMessage[]): void {
    for (const message of messages) {
      if (message.type !== ADDED && message.type !== REMOVED) continue;
      for (const address of addressesIn(message)) this.note(address, pin, message.type === ADDED);
    }
    for (const look of this.waiters) look();
  }

  private note(address: string, pin: string, isThere: boolean): void {
    const pins = this.known.get(address) ?? new Set();
    if (isThere) pins.add(pin);
    else pins.delete(pin);
    this.known.set(address, pins);
  }

  private fail(error: Error): void {
    this.lost = error;
    for (const look of this.waiters) look();
  }
}
