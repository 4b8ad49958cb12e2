import type { Capture, Endpoint } from '../services/index.ts';
import { frontendKey } from './frontend-key.ts';
import { planFamily, setsOf } from './layout.ts';
import type { Member } from './member.ts';
import type { Slots } from './slots.ts';

/**
 * The elements of a frontend with session affinity. ServicePort and endpoints are numbers, the same for all of the
 * Service's addresses, so that a client's session is one whatever address it comes to (row 19). An endpoint that goes
 * takes its number with it, and so ends its sessions.
 */
export function sessionMembers(
  capture: Capture,
  { cluster, local }: Slots,
  numberOf: (thing: string) => number,
): Member[] {
  const family = planFamily(capture.family);
  const sets = setsOf(family);
  const port = `${family} port ${capture.servicePort}`;
  const key = frontendKey(capture);
  const protocol = capture.protocol.toLowerCase();
  const number = ({ ip, port: at }: Endpoint): number => numberOf(`${port} endpoint ${ip} ${at}`);
  return [
    { set: sets.sessionPorts, element: { key, data: [numberOf(port)] } },
    ...[...cluster, ...local].flatMap((endpoint, slot): Member[] => [
      { set: sets.sessionSlots, element: { key: [...key, slot], data: [number(endpoint)] } },
      {
        set: sets.sessionEndpoints,
        element: { key: [number(endpoint), protocol], data: [endpoint.ip, endpoint.port] },
      },
    ]),
    ...cluster.map((to) => ({ set: sets.sessionLive, element: { key: [number(to)] } })),
    ...local.map((to) => ({ set: sets.sessionLiveLocal, element: { key: [number(to)] } })),
  ];
}
