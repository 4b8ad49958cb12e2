import { nameOf, readU32 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_SOCKET = { KEY: 1, DREG: 2, LEVEL: 3 } as const;
/** Of cgroups, which are no key here; nft says it all the same. */
const NO_LEVEL = 0;
const keys = { transparent: 0, mark: 1, wildcard: 2 } as const;

/** Loads what holds of the socket that the packet is for; the rule ends when there is none. */
export interface SocketLoad {
  readonly kind: 'socket';
  /** `transparent` and `wildcard` are a byte, 1 or 0; `mark` is four in host order. */
  readonly key: keyof typeof keys;
  readonly into: number;
}

export const socket: ExpressionCodec<SocketLoad> = {
  name: 'socket',
  write(into, { key, into: register }) {
    into.u32be(NFTA_SOCKET.KEY, keys[key]).u32be(NFTA_SOCKET.DREG, register);
    into.u32be(NFTA_SOCKET.LEVEL, NO_LEVEL);
  },
  read(attributes) {
    return {
      kind: 'socket',
      key: nameOf(keys, readU32(attributes, NFTA_SOCKET.KEY)),
      into: readU32(attributes, NFTA_SOCKET.DREG),
    };
  },
  print({ key, into }, registers) {
    registers.load(into, { text: `socket ${key}`, ...(key === 'mark' ? { type: 'mark' } : {}) });
    return undefined;
  },
};
