import { formatAddress, type Address, type Cidr } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { Party, PolicyWorld } from '../../policy/index.ts';
import type { Snapshot } from '../../snapshot/index.ts';
import type { FlowEnd } from './flows.ts';

export interface FlowWorldOptions {
  readonly snapshot: () => PolicyWorld & Pick<Snapshot, 'podsByIP'>;
  readonly podRanges: readonly Cidr[];
  /** The pod of an address that its status may not have yet. */
  readonly podAt: (address: string) => Pod | undefined;
}

/** Names the ends of packets, by what is known of the cluster at the moment. */
export class FlowWorld {
  private readonly options: FlowWorldOptions;
  private snapshot: PolicyWorld | undefined;
  private judgedBy: PolicyWorld | undefined;

  constructor(options: FlowWorldOptions) {
    this.options = options;
  }

  /** What connections are judged by; the same object until something changes. */
  get policies(): PolicyWorld {
    const snapshot = this.options.snapshot();
    if (this.judgedBy === undefined || snapshot !== this.snapshot) {
      this.snapshot = snapshot;
      this.judgedBy = { ...snapshot, podRanges: this.options.podRanges };
    }
    return this.judgedBy;
  }

  party(address: Address): Party {
    const text = formatAddress(address);
    const pod = this.podAt(text);
    const node = pod?.spec.nodeName ?? this.nodeAt(text);
    return { address, ...(pod && { pod }), ...(node !== undefined && { node }) };
  }

  end({ address, pod, node }: Party): FlowEnd {
    const text = address === undefined ? '' : formatAddress(address);
    if (pod !== undefined) {
      const { namespace = '', name } = pod.metadata;
      return { address: text, pod: { namespace, name } };
    }
    return { address: text, ...(node !== undefined && { node }) };
  }

  private podAt(text: string): Pod | undefined {
    return this.options.podAt(text) ?? this.options.snapshot().podsByIP.get(text);
  }

  private nodeAt(text: string): string | undefined {
    for (const { metadata, status } of this.options.snapshot().nodes.values()) {
      if (status?.addresses?.some(({ address }) => address === text)) return metadata.name;
    }
    return undefined;
  }
}
