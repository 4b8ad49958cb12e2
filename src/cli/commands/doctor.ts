import { Option, type Command } from 'commander';
import {
  commandLine,
  daemonStatus,
  DEFAULT_NAME,
  findDaemon,
  provePolicies,
  readRecord,
  type ClusterDirectories,
  type DaemonStatus,
} from '../../cluster/index.ts';
import type { Requirement } from '../../kernel/index.ts';
import { Fault } from '../../fault/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf } from '../clusters.ts';
import { exitCode } from '../exit-code.ts';
import { formatTable, print, printJson } from '../output.ts';

interface DoctorFlags extends CommonOptions {
  readonly output?: 'json';
}

/** What the cluster itself says, as one more line of the examination. */
async function examineCluster(name: string): Promise<Requirement[]> {
  const directories = directoriesOf(name);
  const what = `cluster ${name}`;
  if (readRecord(directories) === undefined) {
    // Nobody has to have the cluster that is meant without a name.
    if (name === DEFAULT_NAME) return [];
    const advice = `Make it: ${commandLine('start', name)}`;
    return [{ name: what, ok: false, detail: 'there is no such cluster', advice }];
  }
  if (findDaemon(directories) === undefined) {
    const advice = `Resume it: ${commandLine('start', name)}`;
    return [{ name: what, ok: false, detail: 'no daemon runs', advice }];
  }
  const status = await orFault(daemonStatus(directories));
  if (status instanceof Fault) return [failed(what, status)];
  return [describeStatus(what, status), ...(await examinePolicies(directories, status))];
}

async function orFault<T>(asked: Promise<T>): Promise<T | Fault> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function failed(name: string, { message, advice = '' }: Fault): Requirement {
  return { name, ok: false, detail: message, advice };
}

function unenforcedText({ cni }: DaemonStatus): string {
  return `NetworkPolicies are accepted, not enforced (--cni ${cni.name})`;
}

/** Nodes and ports; what is wrong about policies is told in a line of its own. */
function describeStatus(name: string, status: DaemonStatus): Requirement {
  const notReady = status.nodes.filter(({ isReady }) => !isReady).map((node) => node.name);
  const problems = [
    ...(notReady.length === 0 ? [] : [`nodes not ready: ${notReady.join(', ')}`]),
    ...status.problems.filter((problem) => problem !== unenforcedText(status)),
  ];
  return {
    name,
    ok: problems.length === 0,
    detail: problems.length === 0 ? 'runs, all nodes ready' : problems.join('; '),
    advice: `Read what the daemon says: ${commandLine('logs', status.name)}`,
  };
}

/** Whether policies work, tried with real packets on every node. */
async function examinePolicies(
  directories: ClusterDirectories,
  status: DaemonStatus,
): Promise<Requirement[]> {
  const { name, cni } = status;
  if (!cni.policyEnforcement) {
    const advice = `For a network that enforces them: ${commandLine('delete', name)}, then ${commandLine('start', name)} --cni portolan`;
    return [{ name: 'network policies', ok: false, detail: unenforcedText(status), advice }];
  }
  const proofs = await orFault(provePolicies(directories));
  if (proofs instanceof Fault) return [failed('network policies', proofs)];
  return proofs.map(({ node, failure }) => ({
    name: `policies on ${node}`,
    ok: failure === undefined,
    detail: failure ?? 'a pod was cut off by a policy, and reached again without it',
    advice: `See its rules: ${commandLine('exec', name)} ${node} -- nft list ruleset`,
  }));
}

function describe(found: readonly Requirement[]): string {
  const rows = found.map(({ name, ok, detail }) => [ok ? 'ok' : 'NOT OK', name, detail]);
  const advice = found.filter(({ ok }) => !ok).map((one) => `${one.name}: ${one.advice}`);
  return [formatTable(['STATE', 'WHAT', 'FOUND'], rows), ...advice].join('\n');
}

export function register(program: Command): void {
  addVerb(program, 'doctor', 'examine this machine and the cluster')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(async (flags: DoctorFlags) => {
      const { examineMachine } = await import('../examine.ts');
      const found = [...examineMachine(), ...(await examineCluster(flags.name))];
      if (flags.output === 'json') printJson(found);
      else print(describe(found));
      if (found.some(({ ok }) => !ok)) process.exitCode = exitCode.failure;
    });
}
