import type { Pod, Service } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';

/** `my-service` as a variable name: `MY_SERVICE`. */
function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

/** The variables of one Service: its own two forms, and the links that Docker once made. */
function variablesOf(service: Service): Map<string, string> {
  const { clusterIP } = service.spec;
  const [first, ...rest] = service.spec.ports ?? [];
  const variables = new Map<string, string>();
  if (clusterIP === undefined || clusterIP === 'None' || clusterIP === '' || first === undefined) {
    return variables;
  }
  const prefix = variableName(service.metadata.name);
  variables.set(`${prefix}_SERVICE_HOST`, clusterIP);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  const url = (port: typeof first): string =>
    `${(port.protocol ?? 'TCP').toLowerCase()}://${host}:${port.port}`;
  variables.set(`${prefix}_PORT`, url(first));
  for (const port of [first, ...rest]) {
    const protocol = port.protocol ?? 'TCP';
    if (port.name !== undefined && port.name !== '') {
      variables.set(`${prefix}_SERVICE_PORT_${variableName(port.name)}`, String(port.port));
    }
    const link = `${prefix}_PORT_${port.port}_${protocol}`;
    variables.set(link, url(port));
    variables.set(`${link}_PROTO`, protocol.toLowerCase());
    variables.set(`${link}_PORT`, String(port.port));
    variables.set(`${link}_ADDR`, clusterIP);
  }
  return variables;
}

/**
 * The variables that tell a pod of the Services that exist when it starts: those of its namespace unless
 * enableServiceLinks is false, and always `kubernetes` of the default namespace (services.md row 36).
 */
export function serviceEnvironment(
  context: {
    readonly caches: { readonly services: Pick<NodeContext['caches']['services'], 'get' | 'list'> };
  },
  pod: Pod,
): ReadonlyMap<string, string> {
  const namespace = pod.metadata.namespace ?? 'default';
  const { services } = context.caches;
  const master = services.get('default/kubernetes');
  const own =
    pod.spec.enableServiceLinks === false
      ? []
      : services.list().filter((service) => service.metadata.namespace === namespace);
  const all = [...(master === undefined ? [] : [master]), ...own];
  return new Map(all.flatMap((service) => [...variablesOf(service)]));
}
