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
import { ingressFindings, summariseFindings, type RouteWorld } from '../../routes/index.ts';
import type {
  AdmissionOutcome,
  AdmissionPlugin,
  AdmissionReader,
  AdmissionRequest,
} from './contract.ts';

export interface IngressAdviceOptions {
  readonly reader: AdmissionReader;
  /** Takes why there is no advice, should finding it fail. */
  log?(text: string): void;
}

const ingressName = qualifiedName(ingressKind);

/** What routes of an Ingress are made of: all Ingresses, for they may claim the same, and what is in its namespace. */
async function readWorld(reader: AdmissionReader, namespace = ''): Promise<RouteWorld> {
  const all = async <T extends KubeObject>(
    resource: Resource<T>,
    options?: { readonly namespace: string },
  ): Promise<Map<string, T>> =>
    new Map((await reader.list(resource, options)).map((object) => [keyOf(object), object]));
  const [ingresses, classes, services, secrets, configMaps] = await Promise.all([
    all(ingressKind),
    all(ingressClassKind),
    all(serviceKind, { namespace }),
    all(secretKind, { namespace }),
    all(configMapKind, { namespace }),
  ]);
  return { ingresses, classes, services, secrets, configMaps, slices: new Map() };
}

/**
 * Tells whoever writes an Ingress what will not work as it reads: annotations that are not honoured, paths that another has,
 * Services and Secrets that are not there. It refuses nothing, and changes nothing.
 */
export class IngressAdvice implements AdmissionPlugin {
  readonly name = 'IngressAdvice';
  private readonly options: IngressAdviceOptions;

  constructor(options: IngressAdviceOptions) {
    this.options = options;
  }

  admit({ kind, subresource, object }: AdmissionRequest): AdmissionOutcome | undefined {
    const isIngress = subresource === '' && qualifiedName(kind) === ingressName;
    if (object === undefined || !isIngress) return undefined;
    return { advise: (written) => this.advise(written) };
  }

  private async advise(written: AnyObject): Promise<readonly string[]> {
    const ingress = written as unknown as Ingress;
    const { reader } = this.options;
    try {
      // Whoever watches goes first: the controller has to route it.
      await setImmediate();
      const world = await readWorld(reader, ingress.metadata.namespace);
      const findings = summariseFindings(ingressFindings(world, ingress));
      return findings.map(({ field, message }) => `${field}: ${message}`);
    } catch (error) {
      // The Ingress is written: what is wrong with the advice is not its author's business.
      this.options.log?.(`no advice about Ingress ${keyOf(ingress)}: ${messageOf(error)}`);
      return [];
    }
  }
}
