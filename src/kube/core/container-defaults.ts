import { formatQuantity, tryParseQuantity } from '../quantity.ts';
import type { Container, PullPolicy, ResourceList } from './container.ts';
import type { HTTPGetAction, Lifecycle, Probe } from './probe.ts';

export function defaultContainer(container: Container): void {
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= pullPolicyFor(container.image ?? '');
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1';
    if (valueFrom?.resourceFieldRef !== undefined) valueFrom.resourceFieldRef.divisor ??= '0';
  }
  for (const list of [container.resources.limits, container.resources.requests]) {
    if (list !== undefined) canonicalResources(list);
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe !== undefined) defaultProbe(probe);
  }
  if (container.lifecycle !== undefined) defaultLifecycle(container.lifecycle);
}

/** Images that move (`:latest`, also when unsaid) are pulled always; a digest pins one. */
function pullPolicyFor(image: string): PullPolicy {
  const [name = '', digest] = image.split('@', 2);
  const tag = /:(?<tag>[^/:]+)$/.exec(name)?.groups?.['tag'];
  const isLatest = tag === 'latest' || (tag === undefined && digest === undefined);
  return isLatest ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet !== undefined) defaultHttpGet(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
}

function defaultHttpGet(action: HTTPGetAction): void {
  action.path ||= '/';
  action.scheme ??= 'HTTP';
}

function defaultLifecycle({ postStart, preStop }: Lifecycle): void {
  for (const handler of [postStart, preStop]) {
    if (handler?.httpGet !== undefined) defaultHttpGet(handler.httpGet);
  }
}

/** Prints every quantity in its canonical form, as a decoding API server does; leaves broken ones to validation. */
export function canonicalResources(list: ResourceList): void {
  for (const [name, text] of Object.entries(list)) {
    const quantity = tryParseQuantity(text);
    if (quantity !== undefined) list[name] = formatQuantity(quantity);
  }
}

/** What is limited and not requested is requested up to its limit. */
export function requestsFromLimits({ resources }: Container): void {
  if (resources?.limits === undefined) return;
  resources.requests = { ...resources.limits, ...resources.requests };
}
