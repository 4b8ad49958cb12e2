import type { Command } from 'commander';
import type { PublishedPort } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { formatTable, print } from '../output.ts';

interface ServiceFlags extends CommonOptions {
  readonly namespace: string;
  readonly url?: boolean;
}

function url({ address, port, protocol }: PublishedPort): string {
  return `${protocol === 'UDP' ? 'udp' : 'http'}://${address}:${port}`;
}

export function register(program: Command): void {
  addVerb(program, 'service <service>', 'where this host reaches a Service of type NodePort')
    .option('-n, --namespace <namespace>', 'the namespace', 'default')
    .option('--url', 'print addresses only')
    .action(async (service: string, flags: ServiceFlags) => {
      const { daemonStatus, findService } = await import('../../cluster/index.ts');
      const directories = directoriesOf(flags.name);
      requireRecord(directories);
      const key = `${flags.namespace}/${service}`;
      const ports = (await daemonStatus(directories)).ports.filter((port) => port.service === key);
      if (ports.length === 0) {
        const found = await findService(directories, { namespace: flags.namespace, name: service });
        throw new Fault({
          code: 'SERVICE_NOT_PUBLISHED',
          message: `service ${key} has type ${found.type} and no port on this host`,
          advice: `Give it one: kubectl patch service ${service} -n ${flags.namespace} -p '{"spec":{"type":"NodePort"}}'`,
        });
      }
      if (flags.url === true) print(ports.map(url).join('\n'));
      else {
        print(
          formatTable(
            ['SERVICE', 'PROTOCOL', 'URL'],
            ports.map((port) => [port.service, port.protocol, url(port)]),
          ),
        );
      }
    });
}
