import { keyOf, type Ingress } from '../kube/index.ts';
import { PREFIX } from './annotations/reader.ts';
import { classNameOf } from './classes.ts';
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

/** Hosts an Ingress may have a say in, read without judging it. */
function namedHosts({ metadata, spec }: Ingress): string[] {
  const rules = (spec.rules ?? []).map(({ host = '' }) => host.toLowerCase());
  const aliases = metadata.annotations?.[`${PREFIX}server-alias`]?.split(',') ?? [];
  const anyHost = spec.defaultBackend === undefined ? [] : [''];
  return [...rules, ...aliases.map((alias) => alias.trim().toLowerCase()), ...anyHost];
}

/** The Ingresses that an Ingress shares a host with, and itself: nobody else changes what becomes of it. */
function neighbours(ingress: Ingress, { ingresses }: RouteWorld): Map<string, Ingress> {
  const hosts = new Set(namedHosts(ingress));
  const near = [...ingresses].filter(([, other]) =>
    namedHosts(other).some((host) => hosts.has(host)),
  );
  return new Map([...near, [keyOf(ingress), ingress]]);
}

/**
 * What the author of one Ingress should hear of it, before any controller has seen it. `world` may be without slices:
 * endpoints are no finding.
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
  const { findings } = compiler.compile({ ...world, ingresses: neighbours(ingress, world) });
  return findings.filter((finding) => finding.ingress === key);
}
