import { containsAddress, parseAddress, parseCidr, type Address, type Cidr } from '../ip/index.ts';
import {
  conditionOf,
  ipAddressKind,
  serviceCidrKind,
  serviceKind,
  withCondition,
  type ConditionState,
  type ServiceCIDR,
} from '../kube/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { startLoop } from './run.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

const ready: ConditionState = {
  type: 'Ready',
  status: 'True',
  reason: '',
  message: 'Kubernetes Service CIDR is ready',
};
const terminating: ConditionState = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/**
 * Keeps every ServiceCIDR until no address in it is in use (KEP-1880): by a finalizer, and a condition that says so.
 * Addresses that another ServiceCIDR has too do not count. While there is another, the API server gives no new
 * addresses from one that is being deleted.
 */
export function startServiceCidrController(context: ControllerContext): Controller {
  const { informers } = context;
  const ranges = informers.of(serviceCidrKind);
  const services = informers.of(serviceKind);
  const addresses = informers.of(ipAddressKind);
  const keeper = new Keeper(context);

  const { queue, controller } = startLoop({
    name: 'service-cidr-controller',
    context,
    caches: [ranges, services, addresses],
    async reconcile(name) {
      const range = ranges.get(name);
      if (range === undefined) return;
      if (!isLeaving(range)) await keeper.welcome(range);
      else if (hasFinalizer(range)) await keeper.letGo(range, ranges.list());
    },
  });
  const lookAgain = (): void => {
    for (const range of ranges.list()) if (isLeaving(range)) queue.add(range.metadata.name);
  };
  ranges.onChange(({ previous, next }) => {
    const range = next ?? previous;
    if (range !== undefined) queue.add(range.metadata.name);
    // One that came may have the addresses for which another is kept.
    lookAgain();
  });
  services.onChange(lookAgain);
  addresses.onChange(lookAgain);
  return controller;
}

class Keeper {
  private readonly context: ControllerContext;

  constructor(context: ControllerContext) {
    this.context = context;
  }

  async welcome(range: ServiceCIDR): Promise<void> {
    const { finalizers = [] } = range.metadata;
    const kept = hasFinalizer(range)
      ? range
      : await this.setFinalizers(range, [...finalizers, FINALIZER]);
    await this.state(kept, ready);
  }

  async letGo(range: ServiceCIDR, all: readonly ServiceCIDR[]): Promise<void> {
    const others = all.filter((other) => other.metadata.name !== range.metadata.name);
    if (await this.isInUse(blocksOf(range), others.filter(isStaying).flatMap(blocksOf))) {
      await this.state(range, terminating);
      return;
    }
    const { finalizers = [] } = range.metadata;
    await this.setFinalizers(
      range,
      finalizers.filter((name) => name !== FINALIZER),
    );
  }

  /** Asks the API, not the caches: they may not have heard of a Service that got its address a moment ago. */
  private async isInUse(blocks: readonly Cidr[], others: readonly Cidr[]): Promise<boolean> {
    const { client } = this.context;
    const services = await client.list(serviceKind);
    const addresses = await client.list(ipAddressKind);
    const used = [
      ...services.items.flatMap(({ spec }) => spec.clusterIPs ?? []),
      ...addresses.items.map(({ metadata }) => metadata.name),
    ];
    return used
      .map(parseAddress)
      .filter((address) => address !== undefined)
      .some((address) => isIn(blocks, address) && !isIn(others, address));
  }

  private setFinalizers(range: ServiceCIDR, finalizers: string[]): Promise<ServiceCIDR> {
    const metadata = { ...range.metadata, finalizers };
    return this.context.client.update(serviceCidrKind, { ...range, metadata });
  }

  private async state(range: ServiceCIDR, condition: ConditionState): Promise<void> {
    const existing = conditionOf(range.status?.conditions, condition.type);
    if (existing?.status === condition.status && existing.message === condition.message) return;
    const conditions = withCondition(range.status?.conditions, condition, this.context.clock);
    await this.context.client.updateStatus(serviceCidrKind, {
      ...range,
      status: { ...range.status, conditions },
    });
  }
}

function isLeaving({ metadata }: ServiceCIDR): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function isStaying(range: ServiceCIDR): boolean {
  return !isLeaving(range);
}

function hasFinalizer({ metadata }: ServiceCIDR): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}

function blocksOf({ spec }: ServiceCIDR): Cidr[] {
  return (spec.cidrs ?? []).map(parseCidr).filter((block) => block !== undefined);
}

function isIn(blocks: readonly Cidr[], address: Address): boolean {
  return blocks.some((block) => containsAddress(block, address));
}
