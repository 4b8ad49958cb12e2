// The source of src/kube/schema/gen: the npm package @kubernetes/client-node. Only its type maps are read, and only to
// make the schemas again and compare; as a dependency it would put 80 MB and 50 packages into every checkout.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, fail, run, runNpm, say } from './steps.mjs';

/** To raise the version: change these two, then run src/kube/schema/generate/main.ts. */
const version = '2.0.1';
const integrity =
  'sha512-evJgmEtgArEYlj6DNkMGjK41IrFK/hEwb5lWVxx0VRBWybQpnvi+2TtA19mLgVfRHfqX5yjHObX6e9W7LEZBjw==';

const folder = join(cache, 'kubernetes-client');
const archive = join(folder, `kubernetes-client-node-${version}.tgz`);

function isGenuine() {
  const sum = createHash('sha512').update(readFileSync(archive)).digest('base64');
  return integrity === `sha512-${sum}`;
}

function isThere(target) {
  const manifest = join(target, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
}

/** Unpacks to `.cache/kubernetes-client/package`, where src/kube/schema/generate looks; one that is there is done. */
export function fetchKubernetesClient() {
  const target = join(folder, 'package');
  if (isThere(target)) return;
  say('fetching the type maps of @kubernetes/client-node (once) ...');
  const partial = join(folder, 'partial');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const name = `@kubernetes/client-node@${version}`;
  if (!runNpm(['pack', name, '--pack-destination', folder, '--loglevel=error'])) {
    fail(`${name} could not be fetched; try it by hand: npm pack ${name}`);
  }
  if (!isGenuine()) fail(`${archive} is not the ${name} that the schemas were made of`);
  const wanted = ['package/package.json', 'package/dist/gen/models', 'package/dist/gen/apis'];
  const options = ['--strip-components=1', '-C', partial, '-xzf', archive];
  if (!run('tar', [...options, ...wanted])) fail(`${archive} could not be unpacked`);
  rmSync(archive);
  renameSync(partial, target);
}
