import { Option, type Command } from 'commander';
import {
  commandLine,
  followFlows,
  listServices,
  recentFlows,
  type ClusterDirectories,
  type ClusterRecord,
  type FlowReport,
  type StreamedFlow,
} from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { isKnown, isWanted, type FlowFilter } from '../flow-filter.ts';
import { FlowTable } from '../flow-table.ts';
import { formatTable, print, printNotes } from '../output.ts';

interface FlowsFlags extends CommonOptions, FlowFilter {
  readonly dropped?: boolean;
  readonly follow?: boolean;
  readonly output?: 'json';
}

/** Prints some more flows. */
type Show = (flows: readonly StreamedFlow[]) => void;

function showing({ output }: FlowsFlags): Show {
  if (output === 'json') {
    return (flows) => {
      for (const flow of flows) print(JSON.stringify(flow));
    };
  }
  const table = new FlowTable();
  return (flows) => {
    if (flows.length > 0) print(table.lines(flows));
  };
}

function requireEnforced({ isEnforced }: FlowReport, { name, cni }: ClusterRecord): void {
  if (isEnforced) return;
  throw new Fault({
    code: 'NOT_ENFORCED',
    message: `the network of cluster "${name}" (--cni ${cni?.name ?? 'portolan'}) enforces no policies: nothing is dropped, and no flows are recorded`,
    advice: `For a network that enforces them: ${commandLine('delete', name)}, then ${commandLine('start', name)} --cni portolan`,
  });
}

/** What the kernels counted, told of or not; a line of its own for programs. */
function showTotals({ totals }: FlowReport, { output }: FlowsFlags): void {
  if (output === 'json') {
    print(JSON.stringify({ totals }));
    return;
  }
  const rows = totals.map(({ node, egress, ingress }) => [node, String(egress), String(ingress)]);
  print(formatTable(['PACKETS DROPPED BY', 'EGRESS', 'INGRESS'], rows));
}

async function showRecent(
  directories: ClusterDirectories,
  record: ClusterRecord,
  flags: FlowsFlags,
): Promise<void> {
  const report = await recentFlows(directories);
  requireEnforced(report, record);
  const drops = report.drops.filter((flow) => isWanted(flags, flow));
  showing(flags)(drops);
  if (drops.length === 0) printNotes(await noneNotes(directories, report, flags));
  else if (flags.output !== 'json') print('');
  showTotals(report, flags);
}

async function noneNotes(
  directories: ClusterDirectories,
  { drops }: FlowReport,
  { name, namespace }: FlowsFlags,
): Promise<string[]> {
  const others = drops.length === 0 ? '' : ` of these; ${drops.length} of others`;
  return [
    ...(await namespaceNotes(directories, namespace)),
    `no drop is remembered${others}. Connections as they come: ${commandLine('flows', name)} -f`,
  ];
}

/** A namespace may be gone or yet to come, and its flows asked for all the same: no error, but worth saying. */
async function namespaceNotes(
  directories: ClusterDirectories,
  namespace: string | undefined,
): Promise<string[]> {
  if (namespace === undefined) return [];
  const { namespaces } = await listServices(directories);
  if (namespaces.includes(namespace)) return [];
  const { noSuchNamespace } = await import('../../explain/index.ts');
  const { message, advice = '' } = noSuchNamespace(namespace, namespaces);
  return [`${message}. ${advice}`];
}

/** Ends with Ctrl-C. @throws Fault `CLUSTER_NOT_RUNNING` when the cluster ends before */
async function follow(
  directories: ClusterDirectories,
  record: ClusterRecord,
  flags: FlowsFlags,
): Promise<void> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  requireEnforced(await recentFlows(directories), record);
  printNotes(await namespaceNotes(directories, flags.namespace));
  const show = showing(flags);
  const showWanted = (flows: readonly StreamedFlow[]): void =>
    show(flows.filter((flow) => isWanted(flags, flow)));
  let recent = Promise.resolve<FlowReport['drops']>([]);
  // Asked once the stream is open, so that nothing falls between.
  const onOpen = (): void => {
    recent = recentFlows(directories).then(({ drops }) => drops);
    recent.then(showWanted).catch(() => ending.abort());
  };
  const { signal } = ending;
  const isDroppedOnly = flags.dropped === true;
  for await (const flow of followFlows(directories, { isDroppedOnly, signal, onOpen })) {
    const reported = await recent;
    if (!isKnown(reported, flow)) showWanted([flow]);
  }
  await recent;
  if (!signal.aborted) throw ended(record);
}

function ended({ name }: ClusterRecord): Fault {
  return new Fault({
    code: 'CLUSTER_NOT_RUNNING',
    message: `cluster "${name}" does not run any more`,
    advice: `Resume it: ${commandLine('start', name)}`,
  });
}

async function flows(flags: FlowsFlags): Promise<void> {
  const directories = directoriesOf(flags.name);
  const record = requireRecord(directories);
  await (flags.follow === true ? follow : showRecent)(directories, record, flags);
}

export function register(program: Command): void {
  const verb = addVerb(program, 'flows', 'which connections policies dropped, and why')
    .option('-f, --follow', 'connections as they come, admitted ones too')
    .option('--dropped', 'with -f: dropped ones alone')
    .option('-n, --namespace <namespace>', 'from or to pods of this namespace')
    .option('--pod <name>', 'from or to pods of this name')
    .addOption(new Option('-o, --output <format>', 'a JSON text a line').choices(['json']))
    .action(flows);
  addExamples(verb, [
    'portolan flows                    # what was dropped lately',
    'portolan flows -f -n shop         # all connections of a namespace, as they come',
    "portolan flows --dropped -f -o json | jq -r '.policies[].name'",
  ]);
}
