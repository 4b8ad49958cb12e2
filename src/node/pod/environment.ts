import { Fault } from '../../fault/index.ts';
import type { Container, EnvFromSource, EnvVarSource, Pod } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { expandVariables } from './expand.ts';
import { containerField, podField } from './downward.ts';

type Environment = Map<string, string>;

/** The part of a node's context that environments come from. */
export interface EnvironmentContext extends Pick<NodeContext, 'nodeName' | 'nodeIPs'> {
  readonly caches: {
    readonly configMaps: Pick<NodeContext['caches']['configMaps'], 'get'>;
    readonly secrets: Pick<NodeContext['caches']['secrets'], 'get'>;
  };
}

/** What a container's environment is made from. */
export interface EnvironmentInputs {
  readonly pod: Pod;
  readonly container: Container;
  readonly podIPs: readonly string[];
  /** `NAME=value` of the image; the pod's own win over these. */
  readonly imageEnv: readonly string[];
  /** From Services (services.md row 36); the pod's own win over these too. */
  readonly serviceEnv: ReadonlyMap<string, string>;
}

function configError(message: string): Fault {
  return new Fault({
    code: 'CREATE_CONTAINER_CONFIG_ERROR',
    message,
    advice: 'Create the object or key, or mark the reference optional.',
  });
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}

class EnvironmentBuilder {
  private readonly context: EnvironmentContext;
  private readonly inputs: EnvironmentInputs;
  private readonly namespace: string;

  constructor(context: EnvironmentContext, inputs: EnvironmentInputs) {
    this.context = context;
    this.inputs = inputs;
    this.namespace = inputs.pod.metadata.namespace ?? 'default';
  }

  private configMapData(name: string): Readonly<Record<string, string>> | undefined {
    const found = this.context.caches.configMaps.get(`${this.namespace}/${name}`);
    return found === undefined ? undefined : (found.data ?? {});
  }

  private secretData(name: string): Readonly<Record<string, string>> | undefined {
    const found = this.context.caches.secrets.get(`${this.namespace}/${name}`);
    if (found === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(found.data ?? {}).map(([key, value]) => [key, decode(value)]),
    );
  }

  /** All keys of a ConfigMap or Secret, prefixed. */
  addFrom(source: EnvFromSource, into: Environment): void {
    const reference = source.configMapRef ?? source.secretRef;
    if (reference === undefined) return;
    const kind = source.configMapRef === undefined ? 'secret' : 'configmap';
    const name = reference.name ?? '';
    const data =
      source.configMapRef === undefined ? this.secretData(name) : this.configMapData(name);
    if (data === undefined) {
      if (reference.optional === true) return;
      throw configError(`${kind} "${name}" not found`);
    }
    for (const [key, value] of Object.entries(data)) {
      into.set(`${source.prefix ?? ''}${key}`, value);
    }
  }

  private fromKey(
    kind: 'ConfigMap' | 'Secret',
    selector: { name?: string; key: string; optional?: boolean },
  ): string | undefined {
    const name = selector.name ?? '';
    const data = kind === 'Secret' ? this.secretData(name) : this.configMapData(name);
    const value = data?.[selector.key];
    if (value !== undefined || selector.optional === true) return value;
    if (data === undefined) throw configError(`${kind.toLowerCase()} "${name}" not found`);
    throw configError(`couldn't find key ${selector.key} in ${kind} ${this.namespace}/${name}`);
  }

  /** The value of `valueFrom`; undefined when an optional source is absent. */
  resolve(source: EnvVarSource): string | undefined {
    if (source.configMapKeyRef !== undefined) {
      return this.fromKey('ConfigMap', source.configMapKeyRef);
    }
    if (source.secretKeyRef !== undefined) return this.fromKey('Secret', source.secretKeyRef);
    if (source.fieldRef !== undefined) {
      return podField(source.fieldRef.fieldPath, this.inputs.pod, {
        nodeName: this.context.nodeName,
        nodeIPs: this.context.nodeIPs,
        podIPs: this.inputs.podIPs,
      });
    }
    if (source.resourceFieldRef !== undefined) {
      return containerField(source.resourceFieldRef, this.inputs.container);
    }
    return undefined;
  }
}

function imageVariables(entries: readonly string[]): Environment {
  return new Map(
    entries
      .filter((entry) => entry.indexOf('=') > 0)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** A container's environment. */
export interface ContainerEnvironment {
  /** What the pod says: `$(NAME)` in commands means these, and never the image's. */
  readonly own: Environment;
  /** What the process gets. */
  readonly all: Environment;
}

/**
 * A container's environment: image, Services, envFrom, env, in rising precedence, with `$(NAME)` expanded.
 * @throws Fault `CREATE_CONTAINER_CONFIG_ERROR` naming a missing ConfigMap, Secret or key.
 */
export function containerEnvironment(
  context: EnvironmentContext,
  inputs: EnvironmentInputs,
): ContainerEnvironment {
  const builder = new EnvironmentBuilder(context, inputs);
  const environment: Environment = new Map(inputs.serviceEnv);
  for (const source of inputs.container.envFrom ?? []) builder.addFrom(source, environment);
  for (const { name, value, valueFrom } of inputs.container.env ?? []) {
    const resolved =
      valueFrom === undefined
        ? expandVariables(value ?? '', environment)
        : builder.resolve(valueFrom);
    if (resolved !== undefined) environment.set(name, resolved);
  }
  return { own: environment, all: new Map([...imageVariables(inputs.imageEnv), ...environment]) };
}
