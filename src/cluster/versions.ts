import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

// Not by way of the room's index, which would load the whole API server into every command.
export { gitVersion as kubernetesVersion } from '../apiserver/version.ts';

/** Portolan's own, from its package. */
export function portolanVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** `runc://1.1.5`, as `kubectl get nodes -o wide` shows it. */
export async function runtimeVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)('runc', ['--version']);
  const [, version = 'unknown'] = /runc version ([0-9][^\s+]*)/.exec(stdout) ?? [];
  return `runc://${version}`;
}
