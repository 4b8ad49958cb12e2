import type { Verdict } from '../nft/index.ts';
import type { Capture, Endpoint } from '../services/index.ts';
import { firstAddress, formatAddress } from '../ip/index.ts';
import { disjointBlocks } from './cidr-members.ts';
import { chainNames, planFamily, setsOf, type PlanFamily, type Sets } from './layout.ts';
import type { Member } from './member.ts';
import { frontendKey } from './frontend-key.ts';
import { sessionMembers } from './session-members.ts';
import { refusalShape, shapeOf } from './shape-of.ts';
import { shapeName, type Shape } from './shape.ts';
import { slotsOf, type Slots } from './slots.ts';

/** What one capture needs in the kernel: elements, and the chain they lead to. */
export interface Footprint {
  readonly family: PlanFamily;
  readonly members: readonly Member[];
  readonly shape?: Shape;
  /** The things whose numbers it holds, as often as it holds them. */
  readonly numbered: readonly string[];
}

/** What a footprint needs to know of the plan. */
export interface PlanContext {
  /** True for endpoints that may reach themselves through this node. */
  isLocalPod(endpoint: Endpoint): boolean;
  /** The number of a thing, held once more. */
  takeNumber(thing: string): number;
}

/** The footprint of a capture. */
export function footprintOf(capture: Capture, context: PlanContext): Footprint {
  const family = planFamily(capture.family);
  const sets = setsOf(family);
  const slots = slotsOf(capture);
  const common = [...address(capture, sets), ...ranges(capture, sets)];
  if (slots === undefined) {
    const shape = refusalShape(capture);
    const members = [refusal(capture, shape, sets), ...common];
    return { family, members, numbered: [], ...(shape === undefined ? {} : { shape }) };
  }
  const numbered: string[] = [];
  const numberOf = (thing: string): number => {
    numbered.push(thing);
    return context.takeNumber(thing);
  };
  const shape = shapeOf(capture, slots);
  const local = [...slots.cluster, ...slots.local].filter((endpoint) =>
    context.isLocalPod(endpoint),
  );
  const members = [
    ...entrance(capture, shape, numberOf),
    ...(capture.affinity === undefined
      ? endpointMembers(capture, slots, sets)
      : sessionMembers(capture, slots, numberOf)),
    ...common,
    ...hairpins(local, sets),
  ];
  return { family, shape, members, numbered };
}

/** The way from the frontend to its chain. */
function entrance(capture: Capture, shape: Shape, numberOf: (thing: string) => number): Member[] {
  const family = planFamily(capture.family);
  const { services, shapes } = setsOf(family);
  const chain = shapeName(shape);
  const number = numberOf(`${family} chain ${chain}`);
  return [
    { set: services, element: { key: frontendKey(capture), data: [number] } },
    { set: shapes, element: { key: [number], verdict: goTo(chain) } },
  ];
}

function endpointMembers(capture: Capture, { cluster, local }: Slots, sets: Sets): Member[] {
  const key = frontendKey(capture);
  return [...cluster, ...local].map(({ ip, port }, slot) => ({
    set: sets.endpoints,
    element: { key: [...key, slot], data: [ip, port] },
  }));
}

function address({ frontend, ip }: Capture, { clusterIPs }: Sets): Member[] {
  return frontend === 'ClusterIP' ? [{ set: clusterIPs, element: { key: [ip] } }] : [];
}

function ranges(capture: Capture, { sourceRanges }: Sets): Member[] {
  const key = frontendKey(capture);
  return disjointBlocks(capture.sourceRanges ?? []).map((block) => ({
    set: sourceRanges,
    element: { key: [...key, formatAddress(firstAddress(block)), block.prefixLength] },
  }));
}

function refusal(capture: Capture, shape: Shape | undefined, { refusals }: Sets): Member {
  const refuse = goTo(shape === undefined ? chainNames.refuse : shapeName(shape));
  const verdict: Verdict = capture.verdict.action === 'drop' ? { code: 'drop' } : refuse;
  return { set: refusals, element: { key: frontendKey(capture), verdict } };
}

/** One entry for each address: slots may repeat an endpoint. */
function hairpins(local: readonly Endpoint[], { hairpins }: Sets): Member[] {
  const ips = new Set(local.map(({ ip }) => ip));
  return Array.from(ips, (ip) => ({ set: hairpins, element: { key: [ip, ip] } }));
}

function goTo(chain: string): Verdict {
  return { code: 'goto', chain };
}
