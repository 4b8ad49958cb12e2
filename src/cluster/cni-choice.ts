import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { Fault } from '../fault/index.ts';
import { places, type ClusterDirectories } from './directories.ts';

/** How a cluster's pods get their network; a part of its record. */
export interface CniChoice {
  /** As its user named it: `calico`, `none`, or the path of a file. */
  readonly name: string;
  /** `portolan`: the nodes wire pods themselves. `plugins`: CNI plugins do, as a configuration in the cluster's folder says. */
  readonly network: 'portolan' | 'plugins';
  /** Whether NetworkPolicies have an effect. */
  readonly policyEnforcement: boolean;
  /** The configuration that start put into the cluster's folder: its name there. */
  readonly file?: string;
  /** Where plugins are looked for, first choice first. */
  readonly pluginPath?: readonly string[];
}

/** What names stand for; those of other projects start what has the same effect on policies. */
const named: Readonly<Record<string, Pick<CniChoice, 'network' | 'policyEnforcement'>>> = {
  portolan: { network: 'portolan', policyEnforcement: true },
  bridge: { network: 'portolan', policyEnforcement: false },
  none: { network: 'plugins', policyEnforcement: false },
  calico: { network: 'portolan', policyEnforcement: true },
  cilium: { network: 'portolan', policyEnforcement: true },
  kindnet: { network: 'portolan', policyEnforcement: true },
  flannel: { network: 'portolan', policyEnforcement: false },
  kubenet: { network: 'portolan', policyEnforcement: false },
};

/** The names that `--cni` takes besides the path of a file. */
export const cniNames: readonly string[] = Object.keys(named);

const portolan: CniChoice = { name: 'portolan', network: 'portolan', policyEnforcement: true };

/** Where Debian and everybody else put plugins. */
const PLUGIN_FOLDERS = ['/opt/cni/bin', '/usr/lib/cni'];
/** Portolan's own plugin is found without being installed. */
const OWN_PLUGINS = resolve(import.meta.dirname, '..', '..', 'bin');

/** Whether a text can name a network configuration's file: a path, or a name with its suffix. */
function isFile(text: string): boolean {
  return text.includes('/') || /\.(conflist|conf|json)$/.test(text);
}

/** Whether `--cni` takes this: one of {@link cniNames}, or a file. */
export function isCniName(text: string): boolean {
  return Object.hasOwn(named, text) || isFile(text);
}

function pluginPath(env: NodeJS.ProcessEnv): string[] {
  const own = (env['CNI_PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return [...own, ...PLUGIN_FOLDERS, OWN_PLUGINS];
}

/** What a name or a file's path means; `CNI_PATH` is read of the environment. @throws Fault `CNI_FILE_NOT_FOUND` */
export function chooseCni(text: string, env: NodeJS.ProcessEnv): CniChoice {
  const known = named[text];
  if (known !== undefined) {
    const path = known.network === 'plugins' ? { pluginPath: pluginPath(env) } : {};
    return { name: text, ...known, ...path };
  }
  const name = resolve(text);
  if (existsSync(name)) {
    const file = basename(name);
    const path = pluginPath(env);
    return { name, network: 'plugins', policyEnforcement: false, file, pluginPath: path };
  }
  throw new Fault({
    code: 'CNI_FILE_NOT_FOUND',
    message: `there is no network configuration ${name}`,
    advice: `Name a .conflist file, or one of ${cniNames.join(', ')}.`,
  });
}

/** How a cluster's pods get their network; Portolan's own when its record says nothing. */
export function cniOf({ cni }: { readonly cni?: CniChoice }): CniChoice {
  return cni ?? portolan;
}

/** The folder whose network configuration is for every node. */
export function sharedConfigFolder(directories: ClusterDirectories): string {
  return join(places.cni(directories), 'net.d');
}

/** What one node has of its own: a `net.d` that comes before the shared one, and what plugins remember. */
export function nodeCniFolder(directories: ClusterDirectories, node: string): string {
  return join(places.cni(directories), 'nodes', node);
}

/**
 * Removes what another network left: the file that start brought, and what its plugins remember of pods that are no more.
 * What users put into the folder stays.
 */
export function clearCni(directories: ClusterDirectories, choice: CniChoice): void {
  if (choice.file !== undefined) {
    rmSync(join(sharedConfigFolder(directories), choice.file), { force: true });
  }
  rmSync(join(places.cni(directories), 'nodes'), { recursive: true, force: true });
}

const UNENFORCED = 'NetworkPolicies are accepted, not enforced';

function describeFolder(folder: string): string {
  const [first] = existsSync(folder) ? readdirSync(folder).sort() : [];
  return first === undefined
    ? `--cni none: nodes stay NotReady until a network configuration lies in ${folder}`
    : `--cni none: the pods' network is what ${join(folder, first)} says; Portolan enforces no NetworkPolicies`;
}

/** One line about a choice that not everybody would expect; undefined when there is nothing to say. */
export function describeCni(
  choice: CniChoice,
  directories: ClusterDirectories,
): string | undefined {
  const { name, network, policyEnforcement, file } = choice;
  if (name === 'portolan') return undefined;
  if (name === 'bridge') return `--cni bridge: pods reach each other; ${UNENFORCED}`;
  if (file !== undefined)
    return `--cni ${name}: its plugins make the pods' network; Portolan enforces no NetworkPolicies`;
  if (network === 'plugins') return describeFolder(sharedConfigFolder(directories));
  return policyEnforcement
    ? `--cni ${name}: Portolan's own network stands for ${name}; it enforces the same NetworkPolicies`
    : `--cni ${name}: Portolan's own network without policies stands for ${name}; ${UNENFORCED}`;
}
