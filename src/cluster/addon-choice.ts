import { Fault } from '../fault/index.ts';
import type { ClusterRecord } from './record.ts';

/** What a cluster can have beside the network itself; switched on and off while it runs. */
export const addonNames = ['ingress'] as const;
export type AddonName = (typeof addonNames)[number];

/** What a cluster starts with when nobody says otherwise. */
const defaultAddons: readonly AddonName[] = ['ingress'];

const descriptions: Readonly<Record<AddonName, string>> = {
  ingress: 'the controller behind IngressClass nginx',
};

/** What other tools have as addons and is part of every cluster here. */
const builtIn: Readonly<Record<string, string>> = {
  metallb: 'every Service of type LoadBalancer has an address without it',
  coredns: 'cluster DNS is part of every cluster',
  dns: 'cluster DNS is part of every cluster',
  calico: 'NetworkPolicies are enforced without it (portolan start --cni)',
  cilium: 'NetworkPolicies are enforced without it (portolan start --cni)',
};

function isAddon(name: string): name is AddonName {
  return (addonNames as readonly string[]).includes(name);
}

/** @throws Fault `UNKNOWN_ADDON` */
export function requireAddon(name: string): AddonName {
  if (isAddon(name)) return name;
  const why = builtIn[name];
  throw new Fault({
    code: 'UNKNOWN_ADDON',
    message: `there is no addon "${name}"${why === undefined ? '' : `: ${why}`}`,
    advice: `Addons are: ${addonNames.join(', ')}.`,
  });
}

/**
 * Reads what `--addons` says: names between commas, `default`, or `none`.
 * @throws Fault `UNKNOWN_ADDON`
 */
export function parseAddons(text: string): readonly AddonName[] {
  if (text === 'none') return [];
  const names = text
    .split(',')
    .flatMap((name) => (name === 'default' ? defaultAddons : requireAddon(name.trim())));
  return [...new Set(names)];
}

/** The addons that a cluster has. */
export function addonsOf({ addons }: Pick<ClusterRecord, 'addons'>): readonly AddonName[] {
  return addons?.filter(isAddon) ?? defaultAddons;
}

/** What `portolan addons list` shows. */
export interface AddonSummary {
  readonly name: AddonName;
  readonly isEnabled: boolean;
  readonly description: string;
  readonly maintainer: string;
}

export function listAddons(record: ClusterRecord): readonly AddonSummary[] {
  const enabled = addonsOf(record);
  return addonNames.map((name) => ({
    name,
    isEnabled: enabled.includes(name),
    description: descriptions[name],
    maintainer: 'portolan',
  }));
}

/** A record with other addons; what goes is noted for the next start to take out. */
export function withAddons(record: ClusterRecord, wanted: readonly AddonName[]): ClusterRecord {
  const before = [...addonsOf(record), ...leavingAddons(record)];
  const leaving = before.filter((name) => !wanted.includes(name));
  return { ...record, addons: wanted, leavingAddons: [...new Set(leaving)] };
}

/** Addons whose objects are still there though nobody wants them any more. */
export function leavingAddons({ leavingAddons = [] }: ClusterRecord): readonly AddonName[] {
  return leavingAddons.filter(isAddon);
}
