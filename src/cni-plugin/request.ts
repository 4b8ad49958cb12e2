import { CNI_CODE, CNI_NAME, CniError, isAtLeast, type CniDns } from '../cni/index.ts';

/** Versions of the specification that this plugin speaks, oldest first. */
export const supportedVersions = ['0.4.0', '1.0.0', '1.1.0'] as const;

/** A piece of a subnet to give addresses from, in the form of host-local. */
export interface RangeConfig {
  readonly subnet: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  /** Given to no pod. */
  readonly gateway?: string;
}

/** What this plugin knows of its configuration. */
export interface PluginSettings {
  readonly cniVersion: string;
  readonly name: string;
  /** Bytes of the largest packet; the kernel's own choice when absent. */
  readonly mtu?: number;
  readonly ipam?: {
    /** Another plugin to ask; absent: this one keeps the addresses itself. */
    readonly type?: string;
    /** Short for one range. */
    readonly subnet?: string;
    /** A pod gets one address of each set. */
    readonly ranges?: readonly (readonly RangeConfig[])[];
    readonly dataDir?: string;
  };
  readonly dns?: CniDns;
  readonly runtimeConfig?: { readonly ipRanges?: readonly (readonly RangeConfig[])[] };
  /** As it came: see `checkResult`. */
  readonly prevResult?: unknown;
  readonly 'cni.dev/valid-attachments'?: readonly AttachmentKey[];
  /** The same, as the specification first called it. */
  readonly 'cni.dev/attachments'?: readonly AttachmentKey[];
}

/** One connection of a container: the key of everything that is remembered. */
export interface AttachmentKey {
  readonly containerID: string;
  readonly ifname: string;
}

const commands = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION'] as const;
export type Command = (typeof commands)[number];

/** What the runtime asks. */
export interface Request {
  readonly command: Command;
  readonly key: AttachmentKey;
  /** Path of the container's network namespace; empty when it is gone. */
  readonly netns: string;
  readonly path: readonly string[];
  readonly settings: PluginSettings;
  /** The whole configuration, for a plugin that is asked in turn. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** The variables that each command cannot do without (section 2, "Parameters"). */
const required: Readonly<Record<Command, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  GC: [],
  STATUS: [],
  VERSION: [],
};

/** Of an interface: the kernel's limit, and what the specification rules out. */
const INTERFACE = /^(?!\.{1,2}$)[^\s/:]{1,15}$/;

function invalidEnvironment(message: string): CniError {
  return new CniError({ number: CNI_CODE.invalidEnvironment, message });
}

/** @throws CniError 4 */
export function readCommand(env: NodeJS.ProcessEnv): Command {
  const given = env['CNI_COMMAND'] ?? '';
  const command = commands.find((known) => known === given);
  if (command !== undefined) return command;
  throw invalidEnvironment(
    given === '' ? 'required env variables [CNI_COMMAND] missing' : `unknown CNI_COMMAND: ${given}`,
  );
}

function checkEnvironment(command: Command, env: NodeJS.ProcessEnv): void {
  const missing = required[command].filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) {
    throw invalidEnvironment(`required env variables [${missing.join(',')}] missing`);
  }
  const { CNI_CONTAINERID: id = '', CNI_IFNAME: ifname = '' } = env;
  if (id !== '' && !CNI_NAME.test(id)) {
    throw invalidEnvironment(`CNI_CONTAINERID ${JSON.stringify(id)} has invalid characters`);
  }
  if (ifname !== '' && !INTERFACE.test(ifname)) {
    throw invalidEnvironment(`CNI_IFNAME ${JSON.stringify(ifname)} cannot name an interface`);
  }
}

function parseInput(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = 'error unmarshalling network config';
    const details = (error as Error).message;
    throw new CniError({ number: CNI_CODE.decodingFailure, message, details });
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new CniError({
    number: CNI_CODE.decodingFailure,
    message: 'network config is not an object',
  });
}

function checkVersion(command: Command, version: unknown): void {
  if (!supportedVersions.some((supported) => supported === version)) {
    throw new CniError({
      number: CNI_CODE.incompatibleVersion,
      message: 'incompatible CNI versions',
      details: `config is ${JSON.stringify(version)}, plugin supports ${JSON.stringify(supportedVersions)}`,
    });
  }
  const isNew = command === 'GC' || command === 'STATUS';
  if (isNew && !isAtLeast(String(version), '1.1.0')) {
    throw new CniError({
      number: CNI_CODE.incompatibleVersion,
      message: `config version does not allow ${command}`,
      details: `config is ${JSON.stringify(version)}, ${command} came with 1.1.0`,
    });
  }
}

/** Reads what a command other than VERSION is about. @throws CniError 1, 4, 6, 7 */
export function readRequest(command: Command, env: NodeJS.ProcessEnv, text: string): Request {
  checkEnvironment(command, env);
  const input = parseInput(text);
  checkVersion(command, input['cniVersion']);
  const { name } = input;
  if (typeof name !== 'string' || !CNI_NAME.test(name)) {
    throw new CniError({
      number: CNI_CODE.invalidConfiguration,
      message: `${JSON.stringify(name)} cannot name a network`,
    });
  }
  return {
    command,
    key: { containerID: env['CNI_CONTAINERID'] ?? '', ifname: env['CNI_IFNAME'] ?? '' },
    netns: env['CNI_NETNS'] ?? '',
    path: (env['CNI_PATH'] ?? '').split(':').filter((folder) => folder !== ''),
    settings: input as unknown as PluginSettings,
    input,
  };
}
