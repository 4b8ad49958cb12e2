/** `core/v1 LocalObjectReference`: a name in the same namespace. */
export interface LocalObjectReference {
  name?: string;
}

/** `core/v1 SecretReference`. */
export interface SecretReference {
  name?: string;
  namespace?: string;
}

/** `core/v1 TypedLocalObjectReference`. */
export interface TypedLocalObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
}

/** `core/v1 KeyToPath`: one key of a ConfigMap or Secret, and the file it becomes. */
export interface KeyToPath {
  key: string;
  path: string;
  mode?: number;
}

/** `core/v1 ConfigMapKeySelector` and `SecretKeySelector`. */
export interface KeySelector {
  name?: string;
  key: string;
  optional?: boolean;
}

/** `core/v1 ObjectFieldSelector`: a field of the pod, such as `status.podIP`. */
export interface ObjectFieldSelector {
  apiVersion?: string;
  fieldPath: string;
}

/** `core/v1 ResourceFieldSelector`: a limit or request of a container. */
export interface ResourceFieldSelector {
  containerName?: string;
  resource: string;
  divisor?: string | number;
}
