import type { Address } from '../../ip/index.ts';
import type { ServicePort, Service } from '../../kube/index.ts';
import type { Transport } from '../contract.ts';
import type { Masquerading } from '../../services/index.ts';
import type { Station } from '../places/station.ts';
import type { Told } from './telling.ts';

/** Where a connection goes in the end: after the Service's translation, if there was one. */
export interface Arrival {
  readonly station: Station;
  readonly address: Address;
  /** 0 for protocols without ports. */
  readonly port: number;
  /** How it got there, when a Service's rules sent it. */
  readonly via?: Translation;
}

export interface Translation {
  readonly service: Service;
  readonly servicePort: ServicePort;
  /** The node whose rules translate. */
  readonly node?: string;
  readonly masquerade: Masquerading;
  /** Set when {@link node} is one of many that a load balancer may ask. */
  readonly isBalanced?: boolean;
  /** Set when the packet goes to another node's address first: egress policies see that address. */
  readonly frontend?: {
    readonly station: Station;
    readonly address: Address;
    readonly port: number;
  };
}

/** What a program of the source connects to. */
export interface Dial {
  readonly address: Address;
  readonly port: number;
  /** A load balancer that may accept before it has asked anybody. */
  readonly isBalancer?: boolean;
}

/** The way to all ends; none when it stops before. */
export interface Reach {
  readonly told: readonly Told[];
  readonly arrivals: readonly Arrival[];
  /** A Service's address; absent when the ends are connected to directly. */
  readonly dial?: Dial;
  /** That of the Service's port, where a Service was met: the question may have left it open. */
  readonly protocol?: Transport;
}

export function nowhere(...told: readonly Told[]): Reach {
  return { told, arrivals: [] };
}
