import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress } from '../../ip/index.ts';
import {
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  type ConntrackEntry,
  type TcpState,
} from '../../netlink/index.ts';
import { defaultSettings } from '../settings.ts';
import type { Carriage } from './carriage.ts';
import { fateOf, isOpen, type Fate } from './kernel-flow.ts';

const healthy = '172.18.0.2';
const sick = '172.18.0.3';
const gone = '172.18.0.4';
const carriage: Carriage = {
  forward: { nodePort: 30_080, isSticky: false, nodes: [{ name: 'node1', address: healthy }] },
  home: { nodePort: 30_080, addresses: new Set([healthy]) },
  members: new Set([healthy, sick]),
  draining: defaultSettings.draining,
};

interface FlowParts {
  readonly through: string;
  /** Absent for datagrams. */
  readonly state?: TcpState;
  readonly port?: number;
  readonly status?: number;
}

function flow({ through, state, port = 30_080, status }: FlowParts): ConntrackEntry {
  const client = { address: requireAddress('203.0.113.9'), port: 40_000 };
  const external = requireAddress('172.19.0.1');
  const protocol = state === undefined ? 17 : 6;
  return {
    original: {
      source: client.address,
      destination: external,
      protocol,
      sourcePort: client.port,
      destinationPort: 80,
    },
    reply: {
      source: requireAddress(through),
      destination: client.address,
      protocol,
      sourcePort: port,
      destinationPort: client.port,
    },
    zone: 0,
    mark: 1,
    status: status ?? IPS_DST_NAT | (state === 'SYN_SENT' ? 0 : IPS_SEEN_REPLY),
    ...(state === undefined ? {} : { tcpState: state }),
    key: { family: 2, originalTuple: Buffer.alloc(0), id: undefined },
  };
}

describe('what becomes of a connection', () => {
  const cases: readonly (readonly [what: string, parts: FlowParts, fate: Fate])[] = [
    ['to a healthy node', { through: healthy, state: 'ESTABLISHED' }, 'stays'],
    ['not answered yet by a healthy node', { through: healthy, state: 'SYN_SENT' }, 'stays'],
    ['of datagrams to a healthy node', { through: healthy }, 'stays'],
    ['that is open, to a sick node', { through: sick, state: 'ESTABLISHED' }, 'stays'],
    ['not answered by a sick node', { through: sick, state: 'SYN_SENT' }, 'cut'],
    ['of datagrams to a sick node', { through: sick }, 'cut'],
    ['that is open, to a node that left', { through: gone, state: 'CLOSE_WAIT' }, 'drains'],
    ['that has ended, to a node that left', { through: gone, state: 'TIME_WAIT' }, 'stays'],
    ['not answered by a node that left', { through: gone, state: 'SYN_SENT' }, 'cut'],
    ['of datagrams to a node port of old', { through: healthy, port: 30_081 }, 'cut'],
    [
      'that is open, to a node port of old',
      { through: healthy, port: 30_081, state: 'ESTABLISHED' },
      'stays',
    ],
    ['of datagrams that the door has', { through: '172.19.0.1', port: 80, status: 0 }, 'stays'],
  ];
  for (const [what, parts, fate] of cases) {
    test(`${what}: ${fate}`, () => assert.equal(fateOf(flow(parts), carriage), fate));
  }

  test('with nothing forwarded any more, what nobody answered is cut, and datagrams stay where they may', () => {
    const { forward: _, ...door } = carriage;
    assert.equal(fateOf(flow({ through: healthy, state: 'SYN_SENT' }), door), 'cut');
    assert.equal(fateOf(flow({ through: healthy, state: 'ESTABLISHED' }), door), 'stays');
    assert.equal(fateOf(flow({ through: healthy }), door), 'stays');
    assert.equal(fateOf(flow({ through: sick }), door), 'cut');
    const none = new Set<string>();
    const left = { ...door, home: { nodePort: 0, addresses: none }, members: none };
    assert.equal(fateOf(flow({ through: healthy, state: 'ESTABLISHED' }), left), 'drains');
    assert.equal(fateOf(flow({ through: healthy }), left), 'cut');
  });
});

test('a connection is open from its answer to its end; datagrams for as long as they are remembered', () => {
  const open = (state?: TcpState) =>
    isOpen(flow({ through: healthy, ...(state === undefined ? {} : { state }) }));
  assert.ok(open());
  for (const state of ['SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK'] as const) {
    assert.ok(open(state), state);
  }
  for (const state of ['NONE', 'SYN_SENT', 'TIME_WAIT', 'CLOSE'] as const) {
    assert.ok(!open(state), state);
  }
});
