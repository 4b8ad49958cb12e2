import {
  keyOf,
  type ConfigMap,
  type Ingress,
  type IngressBackend,
  type Secret,
} from '../kube/index.ts';
import { readAnnotations } from './annotations/families.ts';
import type { References, Wishes } from './annotations/family.ts';
import { PREFIX } from './annotations/reader.ts';
import { wishFor, wishForService, type BackendWish } from './backends.ts';
import type { Finding, PathMatch, RouteRef } from './contract.ts';
import { compileExpression } from './expressions.ts';
import type { RouteWorld } from './world.ts';

/** One path of an Ingress, not yet in a site. */
export interface ParsedPath {
  readonly ref: RouteRef;
  readonly host: string;
  readonly path: string;
  readonly pathType: string;
  readonly backend: BackendWish;
}

/** An Ingress as the judgement sees it, of itself alone. */
export interface ParsedIngress {
  readonly key: string;
  /** Oldest first; equal times by name (conflicts). */
  readonly age: string;
  readonly ingress: Ingress;
  readonly wishes: Wishes;
  readonly paths: readonly ParsedPath[];
  /** Hosts of all rules, those without paths included; '' for every name. */
  readonly hosts: readonly string[];
  readonly defaultBackend?: BackendWish;
  /** Answers custom errors, and where a backend has no endpoints. */
  readonly errorBackend?: BackendWish;
  readonly findings: readonly Finding[];
}

type Referred = Secret | ConfigMap | undefined;

/** Objects that were looked up, and what was found: when all are the same, the result is too. */
interface Memo {
  readonly parsed: ParsedIngress;
  readonly looked: readonly (readonly [
    kind: 'secrets' | 'configMaps',
    key: string,
    found: Referred,
  ])[];
}

const memos = new WeakMap<Ingress, Memo>();

/** Parses an Ingress; the same result as long as it and what it refers to are the same. */
export function parseIngress(ingress: Ingress, world: RouteWorld): ParsedIngress {
  const memo = memos.get(ingress);
  const isFresh = memo?.looked.every(([kind, key, found]) => world[kind].get(key) === found);
  if (memo !== undefined && isFresh === true) return memo.parsed;
  const looked: Memo['looked'][number][] = [];
  const parsed = parse(ingress, (kind, key) => {
    const found = world[kind].get(key);
    looked.push([kind, key, found]);
    return found;
  });
  memos.set(ingress, { parsed, looked });
  return parsed;
}

type LookUp = (kind: 'secrets' | 'configMaps', key: string) => Referred;

function parse(ingress: Ingress, lookUp: LookUp): ParsedIngress {
  const key = keyOf(ingress);
  const { namespace = '', annotations, creationTimestamp = '' } = ingress.metadata;
  const findings: Finding[] = [];
  const tell = (code: Finding['code'], field: string, message: string): void => {
    findings.push({ ingress: key, code, field, message });
  };
  const report = (code: Finding['code'], annotation: string, message: string): void =>
    tell(code, `metadata.annotations[${PREFIX}${annotation}]`, message);
  const wishes = readAnnotations(annotations, referencesOf(namespace, lookUp, report), report);
  const wish = (backend: IngressBackend): BackendWish =>
    wishFor(backend, { namespace, protocol: wishes.protocol, isVip: wishes.serviceUpstream });
  const rules = ingress.spec.rules ?? [];
  const paths = rules.flatMap(({ host = '', http }, rule) =>
    (http?.paths ?? []).map(({ path = '', pathType, backend }, position): ParsedPath => ({
      ref: { ingress: key, rule, path: position },
      host: host.toLowerCase(),
      path: path === '' ? '/' : path,
      pathType,
      backend: wish(backend),
    })),
  );
  const { defaultBackend } = ingress.spec;
  const { defaultService } = wishes;
  return {
    key,
    age: `${creationTimestamp} ${key}`,
    ingress,
    wishes,
    paths,
    hosts: [...new Set(rules.map(({ host = '' }) => host.toLowerCase()))],
    defaultBackend: defaultBackend === undefined ? undefined : wish(defaultBackend),
    errorBackend:
      defaultService === undefined ? undefined : wishForService(`${namespace}/${defaultService}`),
    findings,
  };
}

function referencesOf(
  namespace: string,
  lookUp: LookUp,
  report: (code: Finding['code'], annotation: string, message: string) => void,
): References {
  const resolve = (
    kind: 'secrets' | 'configMaps',
    annotation: string,
    reference: string,
  ): Referred => {
    const key = reference.includes('/') ? reference : `${namespace}/${reference}`;
    if (!key.startsWith(`${namespace}/`)) {
      report('REFERENCE_REFUSED', annotation, `"${key}" is in another namespace than the Ingress`);
      return undefined;
    }
    const found = lookUp(kind, key);
    if (found === undefined) {
      const noun = kind === 'secrets' ? 'Secret' : 'ConfigMap';
      report('REFERENCE_NOT_FOUND', annotation, `there is no ${noun} "${key}"`);
    }
    return found;
  };
  return {
    secret: (annotation, reference) => resolve('secrets', annotation, reference),
    configMap: (annotation, reference) => resolve('configMaps', annotation, reference),
  };
}

/** How a path is compared; a sentence when its expression is none. */
export function matchOf({ path, pathType }: ParsedPath, isRegexHost: boolean): PathMatch | string {
  if (isRegexHost) return compileExpression(path);
  if (pathType === 'Exact') return { kind: 'exact', path };
  return { kind: pathType === 'Prefix' ? 'prefix' : 'text', path };
}
