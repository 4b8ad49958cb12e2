import { ingressClassKind, ingressKind, type IngressClass } from '../../kube/index.ts';
import type { AdmissionPlugin, AdmissionReader, AdmissionRequest } from './contract.ts';
import { created } from './requests.ts';

const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** How classes were named before `spec.ingressClassName`. */
const oldClassAnnotation = 'kubernetes.io/ingress.class';

/** The newest comes first; those of one second in order of name. */
function byAge(one: IngressClass, two: IngressClass): number {
  const { creationTimestamp: first = '', name } = one.metadata;
  const { creationTimestamp: second = '', name: otherName } = two.metadata;
  if (first !== second) return first < second ? 1 : -1;
  return name < otherName ? -1 : 1;
}

/** Gives an Ingress that names no class the default one, if the cluster has one. */
export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = 'DefaultIngressClass';
  private readonly reader: AdmissionReader;

  constructor(reader: AdmissionReader) {
    this.reader = reader;
  }

  async admit(request: AdmissionRequest): Promise<undefined> {
    const ingress = created(request, ingressKind);
    if (ingress?.spec === undefined || ingress.spec.ingressClassName !== undefined) return;
    if (ingress.metadata.annotations?.[oldClassAnnotation] !== undefined) return;
    const classes = await this.reader.list(ingressClassKind);
    const [found] = classes
      .filter(({ metadata }) => metadata.annotations?.[defaultClassAnnotation] === 'true')
      .toSorted(byAge);
    if (found !== undefined) ingress.spec.ingressClassName = found.metadata.name;
  }
}
