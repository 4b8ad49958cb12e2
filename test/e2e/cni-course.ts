// What the tests of --cni have in common: a chain of the CNI project's plugins, and who asks whom.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilMatch, type Outcome } from './harness.ts';
import type { Kubectl } from './kubectl.ts';

/** The CNI project's plugins, which set-up unpacks for the tests. */
export const plugins = process.env['PORTOLAN_CNI_PLUGINS'] ?? '/usr/lib/cni';
/** Why tests with them are skipped; false when they are there. */
export const noPlugins =
  !existsSync(join(plugins, 'bridge')) && 'no plugins: set PORTOLAN_CNI_PLUGINS';

/** Pods behind a bridge of their node, with addresses of its block. */
export const bridge = {
  type: 'bridge',
  bridge: 'cni0',
  isGateway: true,
  hairpinMode: true,
  ipam: {
    type: 'host-local',
    ranges: [[{ subnet: '{{.PodCIDR}}' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  },
};

/** Writes a network configuration with these plugins. */
export function writeList(path: string, ...chain: object[]): void {
  const list = { cniVersion: '1.0.0', name: 'course', plugins: chain };
  writeFileSync(path, JSON.stringify(list));
}

/** Asks for a page from inside a pod. */
export function fetch(kubectl: Kubectl, from: string, url: string): Promise<Outcome> {
  return kubectl.run(['exec', from, '--', 'wget', '-qO-', '-T', '2', url]);
}

/** Waits until a pod gets a page. */
export async function reaches(
  kubectl: Kubectl,
  from: string,
  url: string,
  page = /page of/,
): Promise<void> {
  await untilMatch(page, async () => (await fetch(kubectl, from, url)).stdout);
}
