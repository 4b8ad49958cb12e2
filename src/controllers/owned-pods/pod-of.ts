import {
  ownerReference,
  type KubeObject,
  type Pod,
  type PodTemplateSpec,
  type Resource,
  type StringMap,
} from '../../kube/index.ts';

export interface PodOfOptions {
  readonly name: string;
  readonly template: PodTemplateSpec;
  /** Beside those of the template. */
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly finalizers?: readonly string[];
  /** For pods whose names are made up. */
  readonly generateName?: string;
}

/** A pod of `owner`, stamped from a template: a private copy, to be changed at will. */
export function podOf<T extends KubeObject>(
  kind: Resource<T>,
  owner: T,
  options: PodOfOptions,
): Pod {
  const { name, generateName, template } = options;
  const annotations = { ...template.metadata?.annotations, ...options.annotations };
  const finalizers = [...(template.metadata?.finalizers ?? []), ...(options.finalizers ?? [])];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      namespace: owner.metadata.namespace ?? '',
      labels: { ...template.metadata?.labels, ...options.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [ownerReference(kind, owner)],
    },
    spec: structuredClone(template.spec),
  };
}
