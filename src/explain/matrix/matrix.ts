import { matrix as matrixOfPolicies } from '../../policy/index.ts';
import { sceneOf, type Known } from '../known.ts';
import { protocolNumber } from '../hops/judge.ts';
import { outside } from '../places/station.ts';
import { MATRIX_VERSION, type Cell, type Matrix, type MatrixPort } from './contract.ts';
import { distinct, portText } from './ports.ts';
import { subjectsOf, type Judged } from './subjects.ts';

export interface MatrixQuestion {
  /** Of the pods; all but kube-system when absent. */
  readonly namespaces?: readonly string[];
  /** Asked of everybody; when absent, the ports that the destination declares. */
  readonly ports?: readonly MatrixPort[];
}

/** What is asked for where nobody declares a port. */
const anyPort: readonly MatrixPort[] = [{ port: 80, protocol: 'TCP' }];

/** Those who declare no port are asked for all that anybody declares. */
function portsFor(judged: readonly Judged[], { ports }: MatrixQuestion) {
  const declared = distinct(judged.flatMap(({ ports }) => ports));
  const all = declared.length > 0 ? declared : anyPort;
  return ({ ports: own }: Judged): readonly MatrixPort[] => ports ?? (own.length > 0 ? own : all);
}

/** Who reaches whom, as far as policies decide. IPv4: the families differ in the blocks of addresses of rules alone. */
export function matrixOf(known: Known, question: MatrixQuestion): Matrix {
  const scene = sceneOf(known);
  const { namespaces } = question;
  const isWanted = (namespace = ''): boolean =>
    namespaces === undefined ? namespace !== 'kube-system' : namespaces.includes(namespace);
  const pods = [...scene.snapshot.pods.values()].filter(({ metadata }) =>
    isWanted(metadata.namespace),
  );
  const addresses = outside.addresses.slice(0, 1);
  const policies = matrixOfPolicies(scene.world, pods, { addresses });
  const judged = subjectsOf(policies.groups);
  const askedOf = portsFor(judged, question);
  const cells = judged.flatMap((to): Cell[] =>
    askedOf(to).flatMap((port) =>
      judged
        // A pod and itself are no matter of policies, nor are two ends outside.
        .filter((from) => from !== to || !to.isAlone)
        .map((from) => ({
          from: from.subject.name,
          to: to.subject.name,
          port: portText(port),
          admits: policies.admits(from.group, to.group, {
            protocol: protocolNumber(port.protocol, 4),
            port: port.port,
          }),
        })),
    ),
  );
  return { schemaVersion: MATRIX_VERSION, subjects: judged.map(({ subject }) => subject), cells };
}
