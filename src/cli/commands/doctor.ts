import { Option, type Command } from 'commander';
import { commandLine, daemonStatus, findDaemon, readRecord } from '../../cluster/index.ts';
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
  if (readRecord(directories) === undefined) return [];
  const what = `cluster ${name}`;
  if (findDaemon(directories) === undefined) {
    const advice = `Resume it: ${commandLine('start', name)}`;
    return [{ name: what, ok: false, detail: 'no daemon runs', advice }];
  }
  const status = await daemonStatus(directories).catch((error: unknown) => {
    if (error instanceof Fault) return error;
    throw error;
  });
  if (status instanceof Fault) {
    return [{ name: what, ok: false, detail: status.message, advice: status.advice ?? '' }];
  }
  const notReady = status.nodes.filter(({ isReady }) => !isReady).map((node) => node.name);
  const problems = [
    ...(notReady.length === 0 ? [] : [`nodes not ready: ${notReady.join(', ')}`]),
    ...status.problems,
  ];
  return [
    {
      name: what,
      ok: problems.length === 0,
      detail: problems.length === 0 ? 'runs, all nodes ready' : problems.join('; '),
      advice: `Read what the daemon says: ${commandLine('logs', name)}`,
    },
  ];
}

function describe(found: readonly Requirement[]): string {
  const rows = found.map(({ name, ok, detail }) => [ok ? 'ok' : 'MISSING', name, detail]);
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
