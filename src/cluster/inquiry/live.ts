import type { Hop, LiveOutcome, Transport, Walk } from '../../explain/index.ts';
import { formatAddress, type Address } from '../../ip/index.ts';
import { createKernel, type Kernel } from '../../kernel/index.ts';
import type { ClusterDirectories } from '../directories.ts';
import { namespacePin } from '../pins.ts';
import { podPin } from './listeners.ts';
import { dnsQuery, probeTcp, probeUdp, type Probe, type ProbeOutcome } from './probe.ts';

/** Ways that begin with the same packet: which of them it takes is the rules' choice. */
interface Attempt {
  readonly walks: readonly Walk[];
  readonly probe: Probe;
}

/** The namespace that a source sends from; none for sources that are not in it. */
function pinOf(directories: ClusterDirectories, { source }: Walk): string | undefined {
  const { pod, node, name } = source;
  if (pod !== undefined && pod.spec.hostNetwork !== true) return podPin(directories, pod);
  if (node !== undefined) return namespacePin(directories, node);
  return name === 'outside' ? namespacePin(directories) : undefined;
}

/**
 * The address that the story was judged by. The kernel would rather have the external address of a load balancer come to
 * itself, which is an address of the fabric's as well.
 */
function fromOf({ source }: Walk, to: Address): Pick<Probe, 'from'> {
  if (source.name !== 'outside') return {};
  const from = source.addresses.find(({ family }) => family === to.family);
  return from === undefined ? {} : { from };
}

/** How long a load balancer in user space takes to reset what it accepted and may not, or cannot, pass on. */
const BALANCER_MS = { toldToPass: 300, toldToStop: 2500 } as const;

function stopOf({ path }: Walk): Hop | undefined {
  return path.hops.find(({ step, outcome }) => step !== 'dns' && outcome === 'stops');
}

function graceOf(walks: readonly Walk[]): Pick<Probe, 'graceMs'> {
  if (walks[0]?.dial?.isBalancer !== true) return {};
  const isStopped = walks.every((walk) => stopOf(walk) !== undefined);
  return { graceMs: isStopped ? BALANCER_MS.toldToStop : BALANCER_MS.toldToPass };
}

/** That a load balancer accepted says nothing of the way behind it. */
function ofBalancer(walks: readonly Walk[], outcome: ProbeOutcome): ProbeOutcome {
  const isBehind = walks.every((walk) => {
    const step = stopOf(walk)?.step;
    return walk.dial?.isBalancer === true && step !== undefined && step !== 'service';
  });
  if (outcome.isOpen !== true || !isBehind) return outcome;
  return { isOpen: undefined, observed: 'accepted by the load balancer, and then nothing' };
}

function attemptsOf(directories: ClusterDirectories, walks: readonly Walk[]): Attempt[] {
  const probes = walks.flatMap((walk) => {
    const pin = pinOf(directories, walk);
    const { dial } = walk;
    if (pin === undefined || dial === undefined) return [];
    const { address, port } = dial;
    return [{ walk, probe: { pin, address, port, ...fromOf(walk, address) } }];
  });
  const grouped = Map.groupBy(
    probes,
    ({ probe }) => `${probe.pin} ${formatAddress(probe.address)} ${probe.port}`,
  );
  return [...grouped.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ probe: first.probe, walks: group.map(({ walk }) => walk) }];
  });
}

/**
 * What was told, against what was seen. The name hops are no part of it: the address is what is connected to. Where ways
 * differ, or something is not known, either outcome is as told.
 */
function agrees(walks: readonly Walk[], { isOpen }: ProbeOutcome): boolean {
  if (isOpen === undefined) return true;
  const ways = walks.map(({ path }) => path.hops.filter(({ step }) => step !== 'dns'));
  const stops = walks.map((walk) => stopOf(walk) !== undefined);
  const isVague = ways.some((hops) => hops.some(({ outcome }) => outcome === 'unknown'));
  if (isOpen) return stops.includes(false);
  return isVague || stops.includes(true);
}

async function tryOne(
  kernel: Kernel,
  { walks, probe }: Attempt,
  protocol: 'TCP' | 'UDP',
): Promise<LiveOutcome[]> {
  const [first] = walks;
  if (first === undefined) return [];
  const payload = probe.port === 53 ? dnsQuery : undefined;
  const outcome = await (protocol === 'TCP'
    ? probeTcp(kernel, { ...probe, ...graceOf(walks) }).then((seen) => ofBalancer(walks, seen))
    : probeUdp(kernel, probe, payload));
  const address = formatAddress(probe.address);
  const target = `${probe.address.family === 6 ? `[${address}]` : address}:${probe.port}/${protocol}`;
  const { observed, isOpen = false } = outcome;
  const source = first.source.name;
  return [{ source, target, connected: isOpen, observed, agrees: agrees(walks, outcome) }];
}

/** The question for a name, against what was told of it. */
async function tryName(kernel: Kernel, pin: string, walk: Walk): Promise<LiveOutcome[]> {
  const told = walk.path.hops.find(({ step }) => step === 'dns');
  if (told === undefined || walk.dns === undefined) return [];
  const probe = { pin, address: walk.dns, port: 53 };
  const { isOpen = false, observed } = await probeUdp(kernel, probe, dnsQuery);
  return [
    {
      source: walk.source.name,
      target: `cluster DNS ${formatAddress(walk.dns)}:53/UDP`,
      connected: isOpen,
      observed: isOpen ? observed : 'no answer',
      agrees: isOpen === (told.outcome === 'passes'),
    },
  ];
}

function oneOfEachSource(walks: readonly Walk[]): Walk[] {
  const bySource = Map.groupBy(walks, ({ source }) => source.name);
  return [...bySource.values()].flatMap(([first]) => first ?? []);
}

/** Sends the real connections of a story; those that cannot be sent are left out. */
export async function tryLive(
  directories: ClusterDirectories,
  walks: readonly Walk[],
  protocol: Transport,
): Promise<LiveOutcome[]> {
  const kernel = createKernel();
  const names = oneOfEachSource(walks).map((walk) => {
    const pin = pinOf(directories, walk);
    return pin === undefined ? [] : tryName(kernel, pin, walk);
  });
  const hasProbe = protocol === 'TCP' || protocol === 'UDP';
  const attempts = hasProbe ? attemptsOf(directories, walks) : [];
  const connections = attempts.map((one) =>
    tryOne(kernel, one, protocol === 'UDP' ? 'UDP' : 'TCP'),
  );
  return (await Promise.all([...names, ...connections])).flat();
}
