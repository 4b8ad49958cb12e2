import { namedPorts } from '../policy-pods.ts';
import type { Check } from './finding.ts';
import { destinationsOf } from './rule-view.ts';

/** Port names that no pod has where connections arrive. */
export const unknownPortNames: Check = ({ world, rules, selected }) =>
  rules.flatMap((rule) => {
    const destinations = destinationsOf(rule, selected, world.pods.values());
    if (destinations.length === 0) return [];
    const known = destinations.flatMap(namedPorts);
    return rule.ports.flatMap(({ field, name }) => {
      const isKnown = known.some(
        (port) =>
          port.name === name?.name &&
          (name.protocol === undefined || name.protocol === port.protocol),
      );
      if (name === undefined || isKnown) return [];
      const title = [name.protocol, name.name].filter((part) => part !== undefined).join(' ');
      const whose = rule.direction === 'ingress' ? 'the selected pods' : 'the destination pods';
      const says = `names port ${title}, which none of ${whose} has`;
      return [{ code: 'PORT_NAME_UNKNOWN', field, says }];
    });
  });
