import type { Capture, Endpoint, Verdict } from '../services/index.ts';
import type { FieldValue, Verdict as NftVerdict } from '../nft/index.ts';
import { chainNames, planFamily, setsOf, type PlanFamily, type Sets } from './layout.ts';
import type { Member } from './member.ts';
import { shapeName, type Shape } from './shape.ts';

/** What one capture needs in the kernel: elements, and the chain they point at. */
export interface Footprint {
  readonly family: PlanFamily;
  readonly members: readonly Member[];
  readonly shape?: Shape;
}

/** Where the capture's elements stand in the shared maps: `ip . protocol . port`. */
export function frontendKey({ ip, port, protocol }: Capture): readonly FieldValue[] {
  return [ip, protocol.toLowerCase(), port];
}

/** The footprint of a capture. `isLocalPod` tells the endpoints that may reach themselves through this node. */
export function footprintOf(
  capture: Capture,
  isLocalPod: (endpoint: Endpoint) => boolean,
): Footprint {
  const family = planFamily(capture.family);
  const sets = setsOf(family);
  const address: Member[] =
    capture.frontend === 'ClusterIP'
      ? [{ set: sets.clusterIPs, element: { key: [capture.ip] } }]
      : [];
  const forwarded = forwarding(capture);
  if (forwarded === undefined) {
    return { family, members: [refusal(capture, sets), ...address] };
  }
  const { shape, slots } = forwarded;
  const key = frontendKey(capture);
  const members = [
    { set: sets.services, element: { key, verdict: goTo(shapeName(shape)) } },
    ...slots.map(({ ip, port }, slot) => ({
      set: sets.endpoints,
      element: { key: [...key, slot], data: [ip, port] },
    })),
    ...address,
    ...hairpins(slots.filter(isLocalPod), sets),
  ];
  return { family, shape, members };
}

function goTo(chain: string): NftVerdict {
  return { code: 'goto', chain };
}

interface Forwarding {
  readonly shape: Shape;
  readonly slots: readonly Endpoint[];
}

/** The shape and the endpoints in slot order, or `undefined` when no connection is forwarded. */
function forwarding({ verdict, internal }: Capture): Forwarding | undefined {
  if (internal?.action === 'forward') {
    const outside = endpointsOf(verdict);
    const { endpoints, masquerade } = internal;
    const shape = { count: endpoints.length, masquerade, local: outside.length };
    return { shape, slots: [...endpoints, ...outside] };
  }
  if (verdict.action !== 'forward') return undefined;
  const { endpoints, masquerade } = verdict;
  return { shape: { count: endpoints.length, masquerade }, slots: endpoints };
}

function endpointsOf(verdict: Verdict): readonly Endpoint[] {
  return verdict.action === 'forward' ? verdict.endpoints : [];
}

function refusal(capture: Capture, sets: Sets): Member {
  const isDrop = capture.verdict.action === 'drop';
  const verdict: NftVerdict = isDrop ? { code: 'drop' } : goTo(chainNames.refuse);
  return { set: sets.refusals, element: { key: frontendKey(capture), verdict } };
}

/** One entry for each address: slots may repeat an endpoint. */
function hairpins(local: readonly Endpoint[], { hairpins }: Sets): Member[] {
  const ips = new Set(local.map(({ ip }) => ip));
  return Array.from(ips, (ip) => ({ set: hairpins, element: { key: [ip, ip] } }));
}
