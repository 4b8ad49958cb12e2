import { formatAddress } from '../../ip/index.ts';
import { protocolName, type SetDefinition } from '../../nft/index.ts';
import { EVERYTHING, type Entry } from '../../policy/index.ts';
import { cidrKeys } from '../cidr-members.ts';
import { planFamily, type PlanFamily } from '../layout.ts';
import type { Member } from '../member.ts';
import { policySets, type PolicySets } from './layout.ts';
import type { PolicySettings } from './settings.ts';

export const FAMILIES: readonly PlanFamily[] = ['ip', 'ip6'];

/** The elements that one entry of the compiled tables is: port sets are of both families. */
export function membersOf(entry: Entry): readonly Member[] {
  switch (entry.table) {
    case 'classes':
      return classMembers(entry);
    case 'blocks':
      return [blockMember(entry)];
    case 'subjects': {
      const { subjects } = policySets(planFamily(entry.family))[entry.direction];
      return [{ set: subjects, element: { key: [entry.class] } }];
    }
    case 'admissions': {
      const { admissions } = policySets(planFamily(entry.family))[entry.direction];
      const element = { key: [entry.subject, entry.peer], data: [entry.portSet] };
      return [{ set: admissions, element }];
    }
    default:
      return portMembers(entry);
  }
}

function blockMember(entry: Extract<Entry, { table: 'blocks' }>): Member {
  const { blocks } = policySets(planFamily(entry.first.family));
  const [first, last] = [formatAddress(entry.first), formatAddress(entry.last)];
  return { set: blocks, element: { ...interval([first], [last]), data: [entry.class] } };
}

function classMembers(entry: Extract<Entry, { table: 'classes' }>): Member[] {
  const { classes, self } = policySets(planFamily(entry.address.family));
  const address = formatAddress(entry.address);
  return [
    { set: classes, element: { key: [address], data: [entry.class] } },
    { set: self, element: { key: [address, address] } },
  ];
}

/** The set of everything is no set: the chains know its number. */
function portMembers({ portSet, span }: Extract<Entry, { table: 'portSets' }>): Member[] {
  if (portSet === EVERYTHING) return [];
  const [firstProtocol, lastProtocol] = span.protocols;
  const [firstPort, lastPort] = span.ports;
  const element = interval(
    [portSet, protocolName(firstProtocol), firstPort],
    [portSet, protocolName(lastProtocol), lastPort],
  );
  return FAMILIES.map((family) => ({ set: policySets(family).portSets, element }));
}

function interval(
  key: readonly (string | number)[],
  keyEnd: readonly (string | number)[],
): Pick<Member['element'], 'key' | 'keyEnd'> {
  return key.join() === keyEnd.join() ? { key } : { key, keyEnd };
}

/** The elements that follow from the settings. @throws Fault `INVALID_CIDR`. */
export function settingsMembers(settings: PolicySettings): Member[] {
  const { podCIDRs, localServices, canaries } = settings;
  return [
    ...cidrKeys(podCIDRs).map(({ family, first, last }) => ({
      set: policySets(planFamily(family)).podCIDRs,
      element: interval([first], [last]),
    })),
    ...addressMembers(localServices, (sets) => sets.localServices),
    ...addressMembers(canaries, (sets) => sets.canaries),
  ];
}

function addressMembers(
  addresses: readonly string[],
  pick: (sets: PolicySets) => SetDefinition,
): Member[] {
  return cidrKeys(addresses).map(({ family, first }) => ({
    set: pick(policySets(planFamily(family))),
    element: { key: [first] },
  }));
}
