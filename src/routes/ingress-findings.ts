import { keyOf, type ConfigMap, type Ingress, type Secret, type Service } from '../kube/index.ts';
import { PREFIX } from './annotations/reader.ts';
import { classNameOf } from './classes.ts';
import { sitePartAnnotations } from './site-policy.ts';
import { RouteCompiler } from './compile-routes.ts';
import type { Finding } from './contract.ts';
import type { ControllerSettings, RouteWorld } from './world.ts';

/** Which Ingresses are a controller's own. */
export type ControllerIdentity = Pick<
  ControllerSettings,
  'controller' | 'legacyClass' | 'takesClassless'
>;

/** The controller behind IngressClass `nginx`, as ingress-nginx has it. */
export const nginxController: ControllerIdentity = {
  controller: 'k8s.io/ingress-nginx',
  legacyClass: 'nginx',
  takesClassless: true,
};

/** No connection is made with it: findings are of objects alone. */
const noCertificate = { chain: '', key: '' };

/** The annotations of an Ingress that are for whole hosts, which all its Ingresses share. */
function sharedAnnotations({ metadata: { annotations = {} } }: Ingress): string[] {
  return Object.values(sitePartAnnotations)
    .map(({ annotation }) => annotation)
    .filter((annotation) => annotations[`${PREFIX}${annotation}`] !== undefined);
}

/**
 * Host and path of each rule of an Ingress, and each host with the annotations that are for all of it, as texts that are equal
 * for two that may claim the same.
 */
export function claimsOf(ingress: Ingress): string[] {
  const { metadata, spec } = ingress;
  const aliases = metadata.annotations?.[`${PREFIX}server-alias`]?.split(',') ?? [];
  const shared = sharedAnnotations(ingress);
  return (spec.rules ?? []).flatMap(({ host = '', http }) => {
    const paths = (http?.paths ?? []).map(({ path = '/' }) => path.replace(/\/$/u, ''));
    const names = [host, ...aliases].map((name) => name.trim().toLowerCase());
    return [...paths, ...shared].flatMap((what) => names.map((name) => `${name} ${what}`));
  });
}

/** Keys of objects, `namespace/name`. */
export interface IngressReferences {
  readonly services: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
}

/** Holds nothing, and remembers what was looked for. */
class Recorder<T> extends Map<string, T> {
  readonly asked = new Set<string>();

  override get(key: string): T | undefined {
    this.asked.add(key);
    return undefined;
  }
}

/** The objects that findings about an Ingress depend on, found by judging it in a world that has none. */
export function ingressReferences(
  ingress: Ingress,
  classes: RouteWorld['classes'],
): IngressReferences {
  const services = new Recorder<Service>();
  const secrets = new Recorder<Secret>();
  const configMaps = new Recorder<ConfigMap>();
  const world = { services, secrets, configMaps, classes, ingresses: new Map(), slices: new Map() };
  ingressFindings(world, ingress);
  return { services: services.asked, secrets: secrets.asked, configMaps: configMaps.asked };
}

/**
 * What the author of one Ingress should hear of it, before any controller has seen it. `world` may be without slices, for
 * endpoints are no finding, and without Ingresses that claim nothing of what this one does.
 */
export function ingressFindings(
  world: RouteWorld,
  ingress: Ingress,
  identity: ControllerIdentity = nginxController,
): Finding[] {
  const key = keyOf(ingress);
  if (classNameOf(ingress) === undefined && world.classes.size === 0) {
    const message = 'the cluster has no IngressClass: without a controller nothing routes it';
    return [{ ingress: key, code: 'NO_CONTROLLER', field: 'spec.ingressClassName', message }];
  }
  const compiler = new RouteCompiler({ ...identity, fallbackCertificate: noCertificate });
  const { findings } = compiler.compile({
    ...world,
    ingresses: new Map([...world.ingresses, [key, ingress]]),
  });
  return findings.filter((finding) => finding.ingress === key);
}
