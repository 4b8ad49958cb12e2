import { arch, platform, version } from 'node:process';
import type { NamesConfig } from '../../names/index.ts';
import { DNS_IMAGE } from '../objects/cluster-objects.ts';

/** `CoreDNS-1.12.1`: whom this server takes the place of. */
const original = `CoreDNS-${DNS_IMAGE.replace(/^.*:v/, '')}`;

/** The first lines of a server's log: the zones that it serves, and what it is. */
export function banner({ blocks }: NamesConfig): string[] {
  return [
    ...blocks.flatMap(({ zones }) => zones).map((zone) => `${zone}:53`),
    `Portolan DNS in the place of ${original}`,
    `${platform}/${arch}, node ${version}`,
  ];
}
