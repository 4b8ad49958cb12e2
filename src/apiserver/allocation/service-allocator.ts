import { requireCidr, type Cidr, type PortRange } from '../../ip/index.ts';
import {
  ApiError,
  dropTypeDependentFields,
  fieldInvalid,
  FieldPath,
  invalid,
  isHeadless,
  keyOf,
  needsClusterIP,
  needsHealthCheckNodePort,
  serviceKind,
  type FieldError,
  type IpFamily,
  type Service,
} from '../../kube/index.ts';
import { AddressPool } from './address-pool.ts';
import { carryOver, initClusterIPs } from './carry-over.ts';
import { ClaimLedger, type Claim } from './claims.ts';
import type { Pick } from './dynamic-range.ts';
import { familyOf, fillIpFamilies, type ClusterFamilies } from './ip-families.ts';
import { fillNodePorts, portProblem, PortPool, rangeFull, type PortQueries } from './node-ports.ts';

const protocols = ['TCP', 'UDP', 'SCTP'] as const;

export interface ServiceAllocatorOptions {
  /** CIDRs of the cluster's ServiceCIDR objects; the family of the first is the default one. */
  readonly serviceCidrs: readonly string[];
  /** Inclusive, 30000 to 32767 as a rule. */
  readonly nodePorts: PortRange;
  readonly pick: Pick;
}

/** What one write reserved. Exactly one of the two is called, once. */
export interface Reservation {
  /** The write did not happen: what it added is free again. */
  undo(): void;
  /** The write is stored: what it gave up is free. */
  done(): void;
}

/** The uid tells a Service from an earlier one of its name. */
function ownerOf(service: Service): string {
  return service.metadata.uid ?? keyOf(service);
}

function addressClaim(address: string): Claim {
  return `ip/${address}`;
}

function portClaim(protocol: string, port: number): Claim {
  return `port/${protocol}/${port}`;
}

/** Everything that a Service, as stored, holds. */
export function claimsOf({ spec }: Service): ReadonlySet<Claim> {
  const { clusterIPs = [], ports = [], healthCheckNodePort = 0 } = spec;
  return new Set([
    ...clusterIPs.filter((ip) => ip !== '' && ip !== 'None').map(addressClaim),
    ...ports
      .filter(({ nodePort = 0 }) => nodePort !== 0)
      .map(({ protocol = 'TCP', nodePort = 0 }) => portClaim(protocol, nodePort)),
    ...(healthCheckNodePort === 0 ? [] : [portClaim('TCP', healthCheckNodePort)]),
  ]);
}

/**
 * Gives Services their ClusterIPs and node ports. Everything is in memory: the stored Services are the truth,
 * {@link restore} reads them back. Reserving is synchronous, so two writes never get the same address.
 */
export class ServiceAllocator {
  private readonly ledger = new ClaimLedger();
  private readonly ports: PortPool;
  private readonly pick: Pick;
  private families: ClusterFamilies = [];
  private addresses = new Map<IpFamily, AddressPool>();

  constructor({ serviceCidrs, nodePorts, pick }: ServiceAllocatorOptions) {
    this.ports = new PortPool(nodePorts, pick);
    this.pick = pick;
    this.setServiceCidrs(serviceCidrs);
  }

  /** Replaces the ranges that new addresses come from; addresses that are held stay. */
  setServiceCidrs(texts: readonly string[]): void {
    const cidrs = texts.map(requireCidr);
    this.families = [...new Set(cidrs.map(familyOfCidr))];
    this.addresses = new Map(
      this.families.map((family) => [
        family,
        new AddressPool(
          cidrs.filter((cidr) => familyOfCidr(cidr) === family),
          this.pick,
        ),
      ]),
    );
  }

  /** Takes over what stored Services hold; call once, before the first reservation. */
  restore(services: readonly Service[]): void {
    for (const service of services) this.ledger.hold(claimsOf(service), ownerOf(service));
  }

  /**
   * Completes `next` in place - families, addresses, node ports - and holds all of it.
   * @throws ApiError `Invalid` for what cannot be had, `InternalError` when a range is full.
   */
  reserve(next: Service, previous: Service | undefined): Reservation {
    if (previous === undefined) {
      initClusterIPs(next.spec);
    } else {
      dropTypeDependentFields(next.spec, previous.spec);
      carryOver(next.spec, previous.spec);
    }
    this.refuse(next, fillIpFamilies(next, previous, this.families));
    this.fillAddresses(next);
    this.fillPorts(next);
    return this.hold(next, previous);
  }

  /** The object has left the store: frees all it held. Not to be called while finalizers keep it. */
  release(last: Service): void {
    this.ledger.forget(ownerOf(last));
  }

  private hold(next: Service, previous: Service | undefined): Reservation {
    const owner = ownerOf(next);
    const added = claimsOf(next);
    this.ledger.hold(added, owner);
    return {
      undo: () => this.ledger.release(added, owner),
      done: () => {
        if (previous !== undefined) this.ledger.release(claimsOf(previous), owner);
      },
    };
  }

  private refuse(service: Service, errors: readonly FieldError[]): void {
    if (errors.length > 0) throw invalid(serviceKind, service.metadata.name, errors);
  }

  private fillAddresses(service: Service): void {
    if (!needsClusterIP(service.spec) || isHeadless(service)) return;
    const { ipFamilies = [], clusterIPs = [] } = service.spec;
    this.refuse(
      service,
      clusterIPs.flatMap((ip) => this.addressErrors(service, ip)),
    );
    service.spec.clusterIPs = ipFamilies.map(
      (family, position) => clusterIPs[position] || this.nextAddress(family),
    );
    service.spec.clusterIP = service.spec.clusterIPs[0];
  }

  private addressErrors(service: Service, ip: string): FieldError[] {
    const problem = this.addressProblem(ip, ownerOf(service));
    if (problem === undefined) return [];
    const path = new FieldPath('spec').child('clusterIPs');
    const text = `failed to allocate IP ${ip}: ${problem}`;
    return [fieldInvalid(path, service.spec.clusterIPs, text)];
  }

  /** An address that the Service already has stays good when its ServiceCIDR is gone. */
  private addressProblem(ip: string, owner: string): string | undefined {
    const claim = addressClaim(ip);
    if (this.ledger.isTakenFrom(claim, owner)) return 'provided IP is already allocated';
    const pool = this.addresses.get(familyOf(ip));
    if (!this.ledger.isFree(claim) || pool?.contains(ip) === true) return undefined;
    return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${pool?.toText() ?? ''}`;
  }

  private nextAddress(family: IpFamily): string {
    const pool = this.addresses.get(family);
    const address = pool?.next((candidate) => this.ledger.isFree(addressClaim(candidate)));
    if (address === undefined) throw rangeFull('a serviceIP');
    return address;
  }

  private fillPorts(service: Service): void {
    const owner = ownerOf(service);
    const queries: PortQueries = {
      isFree: (port) =>
        protocols.every((protocol) => this.ledger.isFree(portClaim(protocol, port))),
      isTaken: (protocol, port) => this.ledger.isTakenFrom(portClaim(protocol, port), owner),
    };
    this.refuse(service, fillNodePorts(service, this.ports, queries));
    if (needsHealthCheckNodePort(service.spec)) this.fillHealthCheck(service, queries);
  }

  private fillHealthCheck(service: Service, queries: PortQueries): void {
    const { healthCheckNodePort = 0, ports = [] } = service.spec;
    if (healthCheckNodePort === 0) {
      const own = new Set(ports.map(({ nodePort }) => nodePort));
      const port = this.ports.next((candidate) => !own.has(candidate) && queries.isFree(candidate));
      if (port === undefined) throw rangeFull('a HealthCheck NodePort');
      service.spec.healthCheckNodePort = port;
      return;
    }
    const asPort = { port: healthCheckNodePort, nodePort: healthCheckNodePort };
    const problem = portProblem(this.ports, asPort, queries);
    if (problem === undefined) return;
    throw new ApiError(
      'InternalError',
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: ${problem}`,
    );
  }
}

function familyOfCidr({ family }: Cidr): IpFamily {
  return family === 4 ? 'IPv4' : 'IPv6';
}
