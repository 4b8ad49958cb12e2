import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../../fault/index.ts';
import {
  configMapKind,
  ingressClassKind,
  ingressKind,
  keyOf,
  qualifiedName,
  secretKind,
  serviceKind,
  type AnyObject,
  type Ingress,
  type KubeObject,
  type Resource,
} from '../../kube/index.ts';
import {
  ingressFindings,
  ingressReferences,
  summariseFindings,
  type RouteWorld,
} from '../../routes/index.ts';
import type {
  AdmissionOutcome,
  AdmissionPlugin,
  AdmissionReader,
  AdmissionRequest,
} from './contract.ts';
import { IngressClaims } from './ingress-claims.ts';

export interface IngressAdviceOptions {
  readonly reader: AdmissionReader;
  /** Takes why there is no advice, should finding it fail. */
  log?(text: string): void;
}

const ingressName = qualifiedName(ingressKind);

/** By key, those that are there. */
async function getAll<T extends KubeObject>(
  reader: AdmissionReader,
  resource: Resource<T>,
  keys: Iterable<string>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const key of keys) {
    const [namespace = '', name = ''] = key.split('/');
    const object = await reader.get(resource, { namespace, name });
    if (object !== undefined) found.set(key, object);
  }
  return found;
}

/** What an Ingress is judged by: what it refers to, and the Ingresses that may claim the same. */
async function readWorld(
  reader: AdmissionReader,
  ingress: Ingress,
  near: Iterable<string>,
): Promise<RouteWorld> {
  const listed = await reader.list(ingressClassKind);
  const classes = new Map(listed.map((object) => [keyOf(object), object]));
  const { services, secrets, configMaps } = ingressReferences(ingress, classes);
  return {
    classes,
    ingresses: await getAll(reader, ingressKind, near),
    services: await getAll(reader, serviceKind, services),
    secrets: await getAll(reader, secretKind, secrets),
    configMaps: await getAll(reader, configMapKind, configMaps),
    slices: new Map(),
  };
}

/**
 * Tells whoever writes an Ingress what will not work as it reads: annotations that are not honoured, paths that another has,
 * Services and Secrets that are not there. It refuses nothing, and changes nothing.
 */
export class IngressAdvice implements AdmissionPlugin {
  readonly name = 'IngressAdvice';
  private readonly options: IngressAdviceOptions;
  private readonly claims: IngressClaims;

  constructor(options: IngressAdviceOptions) {
    this.options = options;
    this.claims = new IngressClaims(options.reader);
  }

  admit(request: AdmissionRequest): AdmissionOutcome | undefined {
    const { kind, subresource, object, previous } = request;
    if (subresource !== '' || qualifiedName(kind) !== ingressName) return undefined;
    const done = (written: AnyObject): void => {
      if (previous !== undefined) this.claims.remove(previous as unknown as Ingress);
      if (object !== undefined) this.claims.add(written as unknown as Ingress);
    };
    return object === undefined ? { done } : { done, advise: (written) => this.advise(written) };
  }

  private async advise(written: AnyObject): Promise<readonly string[]> {
    const ingress = written as unknown as Ingress;
    const { reader } = this.options;
    try {
      // Whoever watches goes first: the controller has to route it.
      await setImmediate();
      const near = await this.claims.near(ingress);
      const world = await readWorld(reader, ingress, near);
      const findings = summariseFindings(ingressFindings(world, ingress));
      return findings.map(({ field, message }) => `${field}: ${message}`);
    } catch (error) {
      // The Ingress is written: what is wrong with the advice is not its author's business.
      this.options.log?.(`no advice about Ingress ${keyOf(ingress)}: ${messageOf(error)}`);
      return [];
    }
  }
}
