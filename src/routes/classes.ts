import type { Ingress, IngressClass } from '../kube/index.ts';
import type { ControllerSettings, RouteWorld } from './world.ts';

/** The annotation that named the class before `spec.ingressClassName` did. */
const legacyAnnotation = 'kubernetes.io/ingress.class';

/** The class an Ingress names, in its spec or, failing that, its annotation. */
export function classNameOf({ metadata, spec }: Ingress): string | undefined {
  return spec.ingressClassName ?? metadata.annotations?.[legacyAnnotation];
}

/** Whether an Ingress is for this controller. */
export function isOwn(
  ingress: Ingress,
  classes: RouteWorld['classes'],
  settings: ControllerSettings,
): boolean {
  const { ingressClassName } = ingress.spec;
  if (ingressClassName !== undefined) {
    return isOwnClass(classes.get(ingressClassName), settings);
  }
  const legacy = ingress.metadata.annotations?.[legacyAnnotation];
  if (legacy === undefined || legacy === '') return settings.takesClassless;
  return legacy === settings.legacyClass || isOwnClass(classes.get(legacy), settings);
}

function isOwnClass(found: IngressClass | undefined, { controller }: ControllerSettings): boolean {
  return found?.spec.controller === controller;
}

/** Whether an Ingress names a class that no IngressClass has, so that no controller will ever take it. */
export function namesUnknownClass({ spec }: Ingress, classes: RouteWorld['classes']): boolean {
  return spec.ingressClassName !== undefined && !classes.has(spec.ingressClassName);
}
