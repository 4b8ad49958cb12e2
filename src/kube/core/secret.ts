import { checkImmutable, checkText } from '../checks.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import {
  fieldInvalid,
  FieldPath,
  fieldRequired,
  fieldTooLong,
  type FieldError,
} from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, StringMap } from '../meta.ts';
import { configMapKey } from '../names.ts';
import { checkDataUpdate } from './immutable-data.ts';

export interface Secret extends KubeObject {
  type?: string;
  /** Base64. */
  data?: StringMap;
  /** Plain text, for writing only: it is moved into `data` before it is stored. */
  stringData?: StringMap;
  immutable?: boolean;
}

const sizeLimit = 1024 * 1024;

export const serviceAccountNameAnnotation = 'kubernetes.io/service-account.name';

export const secretKind: KindDefinition<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  schema: 'io.k8s.api.core.v1.Secret',
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Type', 'What the secret is for.', typeOf),
    column('Data', 'How many keys it holds.', ({ data }) => Object.keys(data ?? {}).length, {
      type: 'integer',
    }),
    ageColumn,
  ],
  fields: { type: typeOf },
  defaults: (secret) => {
    secret.type ??= 'Opaque';
    if (secret.stringData === undefined) return;
    secret.data = { ...secret.data, ...encoded(secret.stringData) };
    delete secret.stringData;
  },
  prepareUpdate: (next, previous) => {
    next.type ??= previous.type;
  },
  validate,
  validateUpdate: (next, previous) => [
    ...checkImmutable(new FieldPath('type'), next.type, previous.type),
    ...checkDataUpdate({ next, previous, fields: ['data'], root: new FieldPath() }),
  ],
};

function typeOf({ type }: Secret): string {
  return type ?? '';
}

function encoded(texts: StringMap): StringMap {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
}

function validate(secret: Secret, path: FieldPath): FieldError[] {
  const data = path.child('data');
  const entries = Object.entries(secret.data ?? {});
  const size = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value, 'base64'), 0);
  return [
    ...entries.flatMap(([key]) => checkText(data.key(key), key, configMapKey)),
    ...(size > sizeLimit ? [fieldTooLong(data, sizeLimit)] : []),
    ...typeErrors(secret, path),
  ];
}

/** The keys that a type promises. */
const requiredKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);

function typeErrors(secret: Secret, path: FieldPath): FieldError[] {
  const { type = '', data = {} } = secret;
  const dataPath = path.child('data');
  const missing = (requiredKeys.get(type) ?? [])
    .filter((key) => data[key] === undefined)
    .map((key) => fieldRequired(dataPath.key(key)));
  return [
    ...missing,
    ...(type.startsWith('kubernetes.io/docker') ? dockerErrors(secret, dataPath) : []),
    ...(type === 'kubernetes.io/basic-auth' ? basicAuthErrors(data, dataPath) : []),
    ...(type === 'kubernetes.io/service-account-token' ? tokenErrors(secret, path) : []),
  ];
}

/** The value is not shown in the error: it is a secret. */
function dockerErrors({ data = {} }: Secret, path: FieldPath): FieldError[] {
  return ['.dockercfg', '.dockerconfigjson'].flatMap((key) => {
    const value = data[key];
    if (value === undefined) return [];
    try {
      JSON.parse(Buffer.from(value, 'base64').toString());
      return [];
    } catch {
      return [fieldInvalid(path.key(key), '<secret contents redacted>', 'invalid JSON')];
    }
  });
}

function basicAuthErrors(data: StringMap, path: FieldPath): FieldError[] {
  const isComplete = Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password');
  return isComplete
    ? []
    : [fieldRequired(path.key('username')), fieldRequired(path.key('password'))];
}

function tokenErrors({ metadata }: Secret, path: FieldPath): FieldError[] {
  const account = metadata.annotations?.[serviceAccountNameAnnotation];
  return account === undefined || account === ''
    ? [fieldRequired(path.child('metadata', 'annotations').key(serviceAccountNameAnnotation))]
    : [];
}
