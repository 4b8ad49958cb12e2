import type { Command } from 'commander';
import {
  daemonStatus,
  listServices,
  type ClusterDirectories,
  type PublishedPort,
  type ServiceNames,
} from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { formatTable, print, printNotes } from '../output.ts';

interface ServiceFlags extends CommonOptions {
  readonly namespace?: string;
  readonly url?: boolean;
}

const DEFAULT_NAMESPACE = 'default';

/** `minikube service list`, which fingers know: all of them, unless there is a Service of that name. */
const LIST = 'list';

const serviceWords: readonly string[] = ['svc', 'service', 'services'];

interface ServiceRef {
  readonly namespace: string;
  readonly name: string;
}

/** A guess for TCP, of course; what else would be typed into a browser or curl? */
function url({ address, port, protocol, isTls = false }: PublishedPort): string {
  const web = isTls ? 'https' : 'http';
  return `${protocol === 'UDP' ? 'udp' : web}://${address}:${port}`;
}

function show(ports: readonly PublishedPort[], flags: ServiceFlags): void {
  if (flags.url === true) {
    print(ports.map(url).join('\n'));
    return;
  }
  const rows = ports.map((port) => [port.service, port.protocol, url(port)]);
  print(formatTable(['SERVICE', 'PROTOCOL', 'URL'], rows));
}

/** `svc/web`, `shop/web` and `svc/shop/web` as everywhere, and `web`. */
function parseName(text: string, { namespace = DEFAULT_NAMESPACE }: ServiceFlags): ServiceRef {
  const parts = text.split('/');
  const own = parts.length > 1 && serviceWords.includes(parts[0] ?? '') ? parts.slice(1) : parts;
  const [first = '', second] = own;
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}

/** Says why a Service has no port on this host. */
function notPublished({ namespace, name }: ServiceRef, type: string): Fault {
  if (type === 'NodePort' || type === 'LoadBalancer') {
    return new Fault({
      code: 'SERVICE_NOT_PUBLISHED',
      message: `service ${namespace}/${name} has type ${type}, but none of its ports is open on this host`,
      advice: 'See the warnings of: portolan status',
    });
  }
  return new Fault({
    code: 'SERVICE_NOT_PUBLISHED',
    message: `service ${namespace}/${name} has type ${type} and no port on this host`,
    advice: `Give it one: kubectl patch service ${name} -n ${namespace} -p '{"spec":{"type":"NodePort"}}'`,
  });
}

/** Says what is not there: the namespace, the Service, or a port of it. */
async function whyNone(ref: ServiceRef, { namespaces, types }: ServiceNames): Promise<Fault> {
  const type = types.get(`${ref.namespace}/${ref.name}`);
  if (type !== undefined) return notPublished(ref, type);
  const { noSuchObject } = await import('../../explain/index.ts');
  return noSuchObject({ kind: 'Service', ...ref }, [...types.keys()], namespaces);
}

/** Why there is nothing to list. @throws Fault `NO_SUCH_NAMESPACE` */
async function emptyNotes(
  directories: ClusterDirectories,
  namespace: string | undefined,
): Promise<string[]> {
  const what = 'no Service of type NodePort or LoadBalancer';
  if (namespace === undefined) return [`there is ${what}`];
  const { noSuchNamespace } = await import('../../explain/index.ts');
  const { namespaces } = await listServices(directories);
  if (!namespaces.includes(namespace)) throw noSuchNamespace(namespace, namespaces);
  return [`there is ${what} in namespace ${namespace}`];
}

async function showAll(
  directories: ClusterDirectories,
  ports: readonly PublishedPort[],
  flags: ServiceFlags,
): Promise<void> {
  const { namespace } = flags;
  const found = ports.filter(
    ({ service }) => namespace === undefined || service.startsWith(`${namespace}/`),
  );
  if (found.length > 0) show(found, flags);
  else printNotes(await emptyNotes(directories, namespace));
}

async function showServices(name: string | undefined, flags: ServiceFlags): Promise<void> {
  const directories = directoriesOf(flags.name);
  requireRecord(directories);
  const { ports } = await daemonStatus(directories);
  if (name === undefined) {
    await showAll(directories, ports, flags);
    return;
  }
  const ref = parseName(name, flags);
  const key = `${ref.namespace}/${ref.name}`;
  const found = ports.filter(({ service }) => service === key);
  if (found.length > 0) {
    show(found, flags);
    return;
  }
  const names = await listServices(directories);
  if (name !== LIST || names.types.has(key)) throw await whyNone(ref, names);
  await showAll(directories, ports, flags);
}

export function register(program: Command): void {
  const verb = addVerb(
    program,
    'service',
    'where this host reaches Services of type NodePort and LoadBalancer',
  )
    .argument(
      '[service]',
      'one Service, as NAME, NAMESPACE/NAME or svc/NAME; all of them without it',
    )
    .option(
      '-n, --namespace <namespace>',
      "the Service's namespace (default: default; of all: any)",
    )
    .option('--url', 'print URLs only')
    .action(showServices);
  addExamples(verb, [
    'portolan service                                # all of them',
    'curl $(portolan service web --url)',
  ]);
}
