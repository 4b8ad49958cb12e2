import { Option, type Command } from 'commander';
import {
  clusterDirectories,
  cniOf,
  commandLine,
  daemonStatus,
  DEFAULT_NAME,
  findDirectories,
  readRecord,
  type ClusterDirectories,
  type ClusterRecord,
} from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addExamples } from '../command.ts';
import { clusterNames, stateOf, type ClusterState } from '../clusters.ts';
import { formatTable, print, printJson, printNotes, printYaml } from '../output.ts';

interface ListFlags {
  readonly output?: 'json' | 'yaml';
}

/** One row; of a cluster that cannot be read, or of which only a part is left, the name and what is the matter. */
interface ListedCluster {
  readonly name: string;
  readonly state: ClusterState | 'broken';
  readonly nodes: readonly string[];
  readonly apiServer?: string;
  readonly cni?: string;
  /** Of the API that it serves; absent while it does not run. */
  readonly version?: string;
  readonly problem?: string;
}

function broken(name: string, problem: string): ListedCluster {
  return { name, state: 'broken', nodes: [], problem };
}

/** The version that a daemon serves; none of one that does not answer, such as one that is just starting. */
async function servedVersion(directories: ClusterDirectories): Promise<{ version?: string }> {
  try {
    const { version } = await daemonStatus(directories);
    return { version };
  } catch (error) {
    if (error instanceof Fault) return {};
    throw error;
  }
}

async function describe(
  directories: ClusterDirectories,
  record: ClusterRecord,
): Promise<ListedCluster> {
  const state = stateOf(directories, record);
  return {
    name: record.name,
    state,
    nodes: record.nodes,
    apiServer: `https://127.0.0.1:${record.apiPort}`,
    cni: cniOf(record).name,
    ...(state === 'running' ? await servedVersion(directories) : {}),
  };
}

async function look(name: string): Promise<ListedCluster> {
  const directories = clusterDirectories(findDirectories(process.env), name);
  try {
    const record = readRecord(directories);
    if (record !== undefined) return await describe(directories, record);
    return broken(
      name,
      `only a part of it is left; to remove that: ${commandLine('delete', name)}`,
    );
  } catch (error) {
    if (error instanceof Fault) return broken(name, `${error.message}. ${error.advice ?? ''}`);
    throw error;
  }
}

function table(clusters: readonly ListedCluster[]): string {
  return formatTable(
    ['NAME', 'STATUS', 'NODES', 'API SERVER', 'CNI', 'VERSION'],
    clusters.map(({ name, state, nodes, apiServer = '', cni = '', version = '' }) => {
      return [name, state, String(nodes.length), apiServer, cni, version];
    }),
  );
}

async function list({ output }: ListFlags): Promise<void> {
  const clusters = await Promise.all(clusterNames().map(look));
  if (output === 'json') printJson(clusters);
  else if (output === 'yaml') await printYaml(clusters);
  else if (clusters.length > 0) print(table(clusters));
  else printNotes([`there is no cluster; to make one: ${commandLine('start', DEFAULT_NAME)}`]);
  printNotes(
    clusters.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
  );
}

export function register(program: Command): void {
  const verb = program
    .command('list')
    .alias('ls')
    .description('the clusters of this user')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json', 'yaml']))
    .action(list);
  addExamples(verb, [
    'portolan list',
    'portolan list -o json | jq -r \'.[] | select(.state == "running").name\'',
  ]);
}
