import { basename } from 'node:path';
import { Fault } from '../fault/index.ts';
import type { CniResult } from './result.ts';
import { chooseVersion, cniVersions, isAtLeast } from './version.ts';

/** One plugin of a chain, as its file has it: `type` and whatever else the plugin knows. */
export interface PluginConfig {
  readonly type: string;
  /** What the plugin wants to be told of by the runtime, e.g. `portMappings`. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [field: string]: unknown;
}

/** A network: the plugins that a pod's connection passes through, one after another. */
export interface NetworkList {
  readonly name: string;
  /** The newest version that the list offers and this runtime speaks. */
  readonly cniVersion: string;
  readonly disableCheck: boolean;
  readonly disableGC: boolean;
  readonly plugins: readonly PluginConfig[];
}

/** Of a network, as of a container's id (section 1 of the specification). */
export const CNI_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

interface ListFields {
  readonly name?: unknown;
  readonly cniVersion?: unknown;
  readonly cniVersions?: unknown;
  readonly disableCheck?: unknown;
  readonly disableGC?: unknown;
  readonly plugins?: unknown;
  readonly type?: unknown;
}

function invalid(file: string, what: string): Fault {
  return new Fault({
    code: 'INVALID_CNI_CONFIG',
    message: `${file}: ${what}`,
    advice: 'See https://www.cni.dev/docs/spec for what a network configuration has.',
  });
}

function parseJson(text: string, file: string): ListFields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message quotes the text, with its line ends.
    throw invalid(file, `not JSON: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalid(file, 'not a JSON object');
}

function readPlugins(fields: ListFields, file: string): PluginConfig[] {
  // A file of one plugin without a list around it (`.conf`) is a list of one.
  const plugins: unknown = fields.plugins ?? (fields.type === undefined ? [] : [fields]);
  if (!Array.isArray(plugins) || plugins.length === 0) throw invalid(file, 'no plugins in list');
  return plugins.map((plugin: unknown, position) => {
    const type: unknown = (plugin as ListFields | null)?.type;
    if (typeof type === 'string' && type !== '' && !type.includes('/')) {
      return plugin as PluginConfig;
    }
    throw invalid(file, `plugins[${position}].type: must be the name of a plugin's program`);
  });
}

/** The library of the reference implementation takes the word as well. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** Reads a `.conflist`, or a `.conf` with one plugin. @throws Fault `INVALID_CNI_CONFIG`, CniError 1 */
export function parseNetworkList(text: string, file: string): NetworkList {
  const fields = parseJson(text, basename(file));
  const { name, cniVersion, cniVersions: several } = fields;
  if (typeof name !== 'string' || !CNI_NAME.test(name)) {
    throw invalid(basename(file), `name: ${JSON.stringify(name)} cannot name a network`);
  }
  const offered = [cniVersion, ...(Array.isArray(several) ? several : [])];
  const versions = offered.filter((version) => typeof version === 'string');
  if (versions.length === 0) throw invalid(basename(file), 'cniVersion: required');
  return {
    name,
    cniVersion: chooseVersion(versions, cniVersions),
    disableCheck: isTrue(fields.disableCheck),
    disableGC: isTrue(fields.disableGC),
    plugins: readPlugins(fields, basename(file)),
  };
}

/** What one call adds to a plugin's configuration. */
export interface CallAdditions {
  /** What the plugin before, or the last ADD, made. */
  readonly prevResult?: CniResult;
  /** By capability; a plugin gets those that it names. */
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** The attachments that are in use (GC). */
  readonly validAttachments?: readonly { readonly containerID: string; readonly ifname: string }[];
}

function runtimeConfig(
  { capabilities = {} }: PluginConfig,
  offered: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const wanted = Object.keys(capabilities).filter((name) => capabilities[name] === true);
  return Object.fromEntries(
    wanted.filter((name) => offered[name] !== undefined).map((name) => [name, offered[name]]),
  );
}

/** What a plugin reads from its standard input (section 3, "Deriving request configuration from plugin configuration"). */
export function pluginInput(
  { name, cniVersion }: NetworkList,
  plugin: PluginConfig,
  { prevResult, capabilities = {}, validAttachments }: CallAdditions,
): Record<string, unknown> {
  const { capabilities: _asked, ...own } = plugin;
  const runtime = runtimeConfig(plugin, capabilities);
  return {
    ...own,
    name,
    cniVersion,
    ...(prevResult === undefined ? {} : { prevResult }),
    ...(Object.keys(runtime).length === 0 ? {} : { runtimeConfig: runtime }),
    ...(validAttachments === undefined
      ? {}
      : // The second is what the specification first called it.
        { 'cni.dev/valid-attachments': validAttachments, 'cni.dev/attachments': validAttachments }),
  };
}

/** Whether a network's version has an operation. */
export function hasOperation(
  { cniVersion }: Pick<NetworkList, 'cniVersion'>,
  operation: 'CHECK' | 'GC' | 'STATUS',
): boolean {
  return isAtLeast(cniVersion, operation === 'CHECK' ? '0.4.0' : '1.1.0');
}
