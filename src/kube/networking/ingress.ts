import { parseAddress } from '../../ip/index.ts';
import { ageColumn, column, nameColumn, orNone } from '../columns.ts';
import { checkIp, checkOptionalText, checkOptionalEnum, checkText } from '../checks.ts';
import { fieldInvalid, fieldRequired, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { dns1123Subdomain, wildcardDns1123Subdomain } from '../names.ts';
import { validateBackend, type IngressBackend } from './ingress-backend.ts';
import { withSpec } from '../with-spec.ts';

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';

export interface HTTPIngressPath {
  path?: string;
  pathType: PathType;
  backend: IngressBackend;
}

export interface IngressRule {
  host?: string;
  http?: { paths: HTTPIngressPath[] };
}

export interface IngressTLS {
  hosts?: string[];
  secretName?: string;
}

export interface IngressLoadBalancer {
  ingress?: {
    ip?: string;
    hostname?: string;
    ports?: { port: number; protocol: string; error?: string }[];
  }[];
}

/** `networking.k8s.io/v1 Ingress`. */
export interface Ingress extends KubeObject {
  spec: {
    ingressClassName?: string;
    defaultBackend?: IngressBackend;
    tls?: IngressTLS[];
    rules?: IngressRule[];
  };
  status?: { loadBalancer?: IngressLoadBalancer };
}

/** The annotation that named the class before `spec.ingressClassName` did. */
const classAnnotation = 'kubernetes.io/ingress.class';

const shownHosts = 3;

/** Sequences that would let a path mean something else after a proxy has normalised it. */
const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEndings = ['/..', '/.'];

function hostErrors(host: string, path: FieldPath): FieldError[] {
  return checkOptionalText(
    path,
    host,
    host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain,
  );
}

function ruleHostErrors(host: string | undefined, path: FieldPath): FieldError[] {
  if (host === undefined || host === '') return [];
  if (parseAddress(host) !== undefined) {
    return [fieldInvalid(path, host, 'must be a DNS name, not an IP address')];
  }
  return hostErrors(host, path);
}

function pathTextErrors(text: string, path: FieldPath): FieldError[] {
  return [
    ...(text.startsWith('/') ? [] : [fieldInvalid(path, text, 'must be an absolute path')]),
    ...forbiddenSequences
      .filter((sequence) => text.includes(sequence))
      .map((sequence) => fieldInvalid(path, text, `must not contain '${sequence}'`)),
    ...forbiddenEndings
      .filter((ending) => text.endsWith(ending))
      .map((ending) => fieldInvalid(path, text, `cannot end with '${ending}'`)),
  ];
}

function pathErrors(
  { path: text = '', pathType, backend }: HTTPIngressPath,
  path: FieldPath,
): FieldError[] {
  const typePath = path.child('pathType');
  const ownErrors = (): FieldError[] => {
    switch (pathType) {
      case 'Exact':
      case 'Prefix':
        return pathTextErrors(text, path.child('path'));
      case 'ImplementationSpecific':
        return text === '' || text.startsWith('/')
          ? []
          : [fieldInvalid(path.child('path'), text, 'must be an absolute path')];
      default:
        return checkOptionalEnum(typePath, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']);
    }
  };
  return [
    ...(pathType === undefined
      ? [fieldRequired(typePath, 'pathType must be specified')]
      : ownErrors()),
    ...validateBackend(backend ?? {}, path.child('backend')),
  ];
}

function ruleErrors({ host, http }: IngressRule, path: FieldPath): FieldError[] {
  const paths = path.child('http', 'paths');
  const httpErrors = (): FieldError[] => {
    if (http === undefined) return [];
    if ((http.paths ?? []).length === 0) return [fieldRequired(paths)];
    return http.paths.flatMap((entry, at) => pathErrors(entry, paths.index(at)));
  };
  return [...ruleHostErrors(host, path.child('host')), ...httpErrors()];
}

function tlsErrors({ hosts = [], secretName = '' }: IngressTLS, path: FieldPath): FieldError[] {
  return [
    ...hosts.flatMap((host, at) => hostErrors(host, path.child('hosts').index(at))),
    ...(secretName === '' ? [] : checkText(path.child('secretName'), secretName, dns1123Subdomain)),
  ];
}

function validateIngress(ingress: Ingress, path: FieldPath): FieldError[] {
  const at = path.child('spec');
  const { rules = [], tls = [], defaultBackend, ingressClassName } = ingress.spec ?? {};
  return [
    ...(rules.length === 0 && defaultBackend === undefined
      ? [fieldInvalid(at, rules, 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(defaultBackend === undefined
      ? []
      : validateBackend(defaultBackend, at.child('defaultBackend'))),
    ...rules.flatMap((rule, index) => ruleErrors(rule, at.child('rules').index(index))),
    ...tls.flatMap((entry, index) => tlsErrors(entry, at.child('tls').index(index))),
    ...checkOptionalText(at.child('ingressClassName'), ingressClassName, dns1123Subdomain),
  ];
}

function classErrors({ metadata, spec }: Ingress): FieldError[] {
  const annotated = metadata.annotations?.[classAnnotation];
  const { ingressClassName: named } = spec;
  if (annotated === undefined || named === undefined || annotated === named) return [];
  const path = new FieldPath('annotations').child(classAnnotation);
  return [fieldInvalid(path, annotated, 'must match `ingressClassName` when both are specified')];
}

function validateStatus({ status }: Ingress): FieldError[] {
  const path = new FieldPath('status.loadBalancer.ingress');
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '', hostname = '' }, position) => [
    ...(ip === '' ? [] : checkIp(path.index(position).child('ip'), ip)),
    ...(hostname === '' ? [] : statusHostErrors(hostname, path.index(position).child('hostname'))),
  ]);
}

function statusHostErrors(hostname: string, path: FieldPath): FieldError[] {
  return [
    ...checkText(path, hostname, dns1123Subdomain),
    ...(parseAddress(hostname) === undefined
      ? []
      : [fieldInvalid(path, hostname, 'must be a DNS name, not an IP address')]),
  ];
}

function formatHosts(rules: readonly IngressRule[]): string {
  const hosts = rules.slice(0, shownHosts).map(({ host }) => host ?? '');
  const shown = hosts.filter((host) => host !== '');
  if (shown.length === 0) return '*';
  const more = rules.length - shownHosts;
  return more > 0 ? `${shown.join(',')} + ${more} more...` : shown.join(',');
}

function formatAddresses({ status }: Ingress): string {
  const points = status?.loadBalancer?.ingress ?? [];
  const texts = points.map(({ ip, hostname }) => ip ?? hostname ?? '');
  return [...new Set(texts)].sort().join(',');
}

export const ingressKind: KindDefinition<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  schema: 'io.k8s.api.networking.v1.Ingress',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Class', 'The IngressClass whose controller serves it.', ({ spec, metadata }) =>
      orNone(spec.ingressClassName ?? metadata.annotations?.[classAnnotation]),
    ),
    column('Hosts', 'The hosts that its rules name.', ({ spec }) => formatHosts(spec.rules ?? [])),
    column('Address', 'Where its controller answers.', formatAddresses),
    column('Ports', 'The ports its controller answers on.', ({ spec }) =>
      (spec.tls ?? []).length > 0 ? '80, 443' : '80',
    ),
    ageColumn,
  ],
  defaults: withSpec(),
  prepareCreate: (ingress) => {
    ingress.status = { loadBalancer: {} };
  },
  validate: validateIngress,
  validateCreate: classErrors,
  validateStatus,
};
