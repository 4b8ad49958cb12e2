import type { Command } from 'commander';
import { daemonStatus, findService, type PublishedPort } from '../../cluster/index.ts';
import type { ClusterDirectories } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { formatTable, print } from '../output.ts';

interface ServiceFlags extends CommonOptions {
  readonly namespace?: string;
  readonly url?: boolean;
}

const DEFAULT_NAMESPACE = 'default';

/** A guess for TCP, of course; what else would be typed into a browser or curl? */
function url({ address, port, protocol, isTls = false }: PublishedPort): string {
  const web = isTls ? 'https' : 'http';
  return `${protocol === 'UDP' ? 'udp' : web}://${address}:${port}`;
}

function show(ports: readonly PublishedPort[], flags: ServiceFlags): void {
  if (flags.url === true) {
    if (ports.length > 0) print(ports.map(url).join('\n'));
    return;
  }
  const rows = ports.map((port) => [port.service, port.protocol, url(port)]);
  print(formatTable(['SERVICE', 'PROTOCOL', 'URL'], rows));
}

/** Says why a Service has no port on this host. */
async function notPublished(
  directories: ClusterDirectories,
  namespace: string,
  name: string,
): Promise<Fault> {
  const { type } = await findService(directories, { namespace, name });
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

async function showServices(name: string | undefined, flags: ServiceFlags): Promise<void> {
  const directories = directoriesOf(flags.name);
  requireRecord(directories);
  const { ports } = await daemonStatus(directories);
  const { namespace } = flags;
  if (name === undefined) {
    const isWanted = ({ service }: PublishedPort): boolean =>
      namespace === undefined || service.startsWith(`${namespace}/`);
    show(ports.filter(isWanted), flags);
    return;
  }
  const where = namespace ?? DEFAULT_NAMESPACE;
  const found = ports.filter(({ service }) => service === `${where}/${name}`);
  if (found.length === 0) throw await notPublished(directories, where, name);
  show(found, flags);
}

export function register(program: Command): void {
  const verb = addVerb(
    program,
    'service',
    'where this host reaches Services of type NodePort and LoadBalancer',
  )
    .argument('[service]', 'one Service; all of them without it')
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
