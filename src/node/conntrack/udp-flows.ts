import {
  deleteConntrackEntry,
  IPS_DST_NAT,
  listConntrack,
  type Connection,
  type ConntrackEntry,
} from '../../netlink/index.ts';
import type { Capture } from '../../services/index.ts';
import { endKey, UdpFrontends, type Suspect } from './udp-frontends.ts';

const IPPROTO_UDP = 17;
/**
 * Above this many ports, one dump of all UDP flows is cheaper than one for each port: of 60,000 flows the kernel passes
 * over those to other ports in 20 ms, and to read them all takes 800 ms.
 */
const MAX_PORT_DUMPS = 32;

/**
 * Cuts UDP flows that are where they should not be (row 29). Tracking keeps a flow with its endpoint for as long as
 * datagrams come, also after the endpoint is gone, and untranslated when no Service was there at its first datagram: a
 * client that keeps its port would never be heard again. A forgotten flow is judged anew at its next datagram.
 *
 * A reconciliation, not a reaction to events: {@link sweep} looks at the flows to the ports of frontends that changed,
 * in one pass over the table for each port, or in one for all when there are many.
 */
export class UdpFlows {
  private readonly connection: Connection;
  private readonly frontends = new UdpFrontends();

  /** `connection` is a netfilter connection to the node's namespace; {@link close} closes it. */
  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Notes what a Service captures from now on; nothing, for one that is gone. */
  replace(service: string, captures: readonly Capture[]): void {
    this.frontends.replace(service, captures);
  }

  /** Has the next {@link sweep} look at every frontend: the rules were not there for a while. */
  suspectAll(): void {
    this.frontends.suspectAll();
  }

  /**
   * Cuts the flows that are stale since the last sweep, and returns how many. Call it after the rules were changed:
   * before, the next datagram would go the old way again. The first one sweeps every frontend, for what an earlier
   * agent left. @throws NetlinkError; the next sweep then tries again.
   */
  sweep(): number {
    const suspects = this.frontends.takeSuspects();
    if (suspects.size === 0) return 0;
    try {
      return this.flowsTo(suspects)
        .filter((flow) => isStale(flow, suspects))
        .filter((flow) => deleteConntrackEntry(this.connection, flow)).length;
    } catch (error) {
      this.frontends.putBack(suspects);
      throw error;
    }
  }

  close(): void {
    this.connection.close();
  }

  private flowsTo(suspects: ReadonlyMap<string, Suspect>): ConntrackEntry[] {
    const all = [...suspects.values()];
    return ([4, 6] as const).flatMap((family) => {
      const ofFamily = all.filter((suspect) => suspect.family === family);
      if (ofFamily.length === 0) return [];
      const ports = new Set(ofFamily.map(({ port }) => port));
      const udp = { family, protocol: IPPROTO_UDP };
      if (ports.size > MAX_PORT_DUMPS) return listConntrack(this.connection, udp);
      return [...ports].flatMap((originalDestinationPort) =>
        listConntrack(this.connection, { ...udp, originalDestinationPort }),
      );
    });
  }
}

/** True when a flow is to one of the frontends and not with an endpoint that it may stay with. */
export function isStale(
  { original, reply, status }: ConntrackEntry,
  suspects: ReadonlyMap<string, Suspect>,
): boolean {
  const suspect = suspects.get(endKey(original.destination, original.destinationPort ?? 0));
  if (suspect === undefined) return false;
  const isTranslated = (status & IPS_DST_NAT) !== 0;
  // Where there is no endpoint, an untranslated flow is as it should be: the rules refuse it.
  if (!isTranslated && suspect.endpoints.size === 0) return false;
  return !suspect.endpoints.has(endKey(reply.source, reply.sourcePort ?? 0));
}
