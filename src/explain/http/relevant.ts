import type { Ingress } from '../../kube/index.ts';
import {
  classNameOf,
  summariseFindings,
  type Finding,
  type RouteWorld,
} from '../../routes/index.ts';
import type { Judged } from './judged.ts';

/** Whether rules of an Ingress are for a name, by itself or by its wildcard. */
function namesHost({ spec }: Ingress, name: string): boolean {
  const dot = name.indexOf('.');
  const names = [name, ...(dot > 0 ? [`*${name.slice(dot)}`] : [])];
  return (spec.rules ?? []).some(({ host = '' }) => names.includes(host.toLowerCase()));
}

/** Ingresses of other controllers that have the name: a reader may take them for routed here. */
function foreign(key: string, ingress: Ingress): Finding {
  const message = `it names the host, and class "${classNameOf(ingress) ?? ''}" is another controller's`;
  return { ingress: key, code: 'NO_CONTROLLER', field: 'spec.ingressClassName', message };
}

/** What decides where a request goes, in contrast to what becomes of it there. */
const deciding: ReadonlySet<Finding['code']> = new Set([
  'HOST_PATH_CONFLICT',
  'EXPRESSION_INVALID',
  'CANARY_CONFLICT',
  'CANARY_WITHOUT_PRIMARY',
]);

const isTls = ({ field }: Finding): boolean => field.startsWith('spec.tls[');

/** What is wrong with the certificates of the Ingresses that have a name. */
export function tlsFindings({ ingresses }: RouteWorld, { name, findings }: Judged): Finding[] {
  return findings.filter((finding) => {
    const ingress = ingresses.get(finding.ingress);
    return isTls(finding) && ingress !== undefined && namesHost(ingress, name);
  });
}

/** The findings that have to do with a request: all of its rule's Ingress, and what keeps others from having it. */
export function relevantFindings(world: RouteWorld, judged: Judged): Finding[] {
  const { name, verdict, findings, own } = judged;
  const named = new Map([...world.ingresses].filter(([, ingress]) => namesHost(ingress, name)));
  const told = findings.filter((finding) => {
    if (isTls(finding)) return false;
    if (finding.field.startsWith('metadata.'))
      return finding.ingress === verdict.route?.ref.ingress;
    return (
      named.has(finding.ingress) && (verdict.route === undefined || deciding.has(finding.code))
    );
  });
  const isTold = (key: string): boolean => told.some(({ ingress }) => ingress === key);
  const others = [...named]
    .filter(([key]) => !own.has(key) && !isTold(key))
    .map(([key, ingress]) => foreign(key, ingress));
  return summariseFindings([...told, ...others]);
}
