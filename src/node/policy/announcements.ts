import { formatAddress, type Address } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';

interface Announcement {
  readonly pod: Pod;
  readonly addresses: readonly Address[];
}

/** Pods that have, or are about to get, a link, with addresses that their status may not have yet. */
export class Announcements {
  private readonly byUid = new Map<string, Announcement>();
  private readonly byAddress = new Map<string, Pod>();

  set(pod: Pod, addresses: readonly Address[]): void {
    const uid = pod.metadata.uid ?? '';
    this.delete(uid);
    this.byUid.set(uid, { pod, addresses });
    for (const address of addresses) this.byAddress.set(formatAddress(address), pod);
  }

  delete(uid: string): void {
    const known = this.byUid.get(uid);
    if (known === undefined) return;
    this.byUid.delete(uid);
    for (const address of known.addresses) {
      const text = formatAddress(address);
      if (this.byAddress.get(text) === known.pod) this.byAddress.delete(text);
    }
  }

  /** Takes a newer version of a pod, if it was announced. */
  update(pod: Pod): void {
    const known = this.byUid.get(pod.metadata.uid ?? '');
    if (known !== undefined) this.set(pod, known.addresses);
  }

  addressesOf(uid: string): readonly Address[] {
    return this.byUid.get(uid)?.addresses ?? [];
  }

  at(address: string): Pod | undefined {
    return this.byAddress.get(address);
  }
}
