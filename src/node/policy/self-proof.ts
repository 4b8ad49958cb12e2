import { once } from 'node:events';
import { createServer, Socket, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Fault, messageOf } from '../../fault/index.ts';
import { formatAddress, type Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Namespace, NetworkPolicy, Pod } from '../../kube/index.ts';
import { judgeConnection, type PolicyWorld } from '../../policy/index.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { PolicyEnforcer } from './policy-enforcer.ts';
import { Patience } from './self-proof-patience.ts';

/** Where the canaries live: no API server takes such a name, so nobody ever sees or selects them by it. */
const NAMESPACE = 'portolan:canary';
const PORT = 80;
const TCP = 6;
const LIMIT_MS = 5000;
const ATTEMPT_MS = 20;

export interface ProofOptions {
  readonly kernel: Kernel;
  readonly enforcer: PolicyEnforcer;
  readonly node: { readonly name: string; readonly network: PodNetwork };
  /** Those of the node's two canaries, which are among the settings of its rules. */
  readonly addresses: readonly [readonly Address[], readonly Address[]];
  /** Where the canaries' network namespaces are pinned meanwhile. */
  readonly pin: (name: string) => string;
  /** What policies there are besides. */
  readonly world: () => PolicyWorld;
  /** Milliseconds that a packet may take, not counting what this process does meanwhile. Default five seconds. */
  readonly limitMs?: number;
}

interface Canary {
  readonly pod: Pod;
  readonly addresses: readonly Address[];
  readonly netns: string;
}

const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
const policy: NetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'cut', namespace: NAMESPACE },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};

/**
 * Proves with real packets that a node enforces policies: of two pods that are wired like any other, one reaches the
 * other, no longer when a policy isolates it, and again when the policy is gone. Nothing of them is in the API.
 * @throws Fault `POLICIES_NOT_PROVEN` that says what went otherwise.
 */
export async function proveEnforcement(options: ProofOptions): Promise<void> {
  const { enforcer } = options;
  const canaries = options.addresses.map((addresses, at) => canaryOf(options, addresses, at));
  const [client, server] = canaries;
  if (client === undefined || server === undefined) return;
  try {
    enforcer.tryNamespace(namespace);
    for (const canary of canaries) await attach(options, canary);
    const listener = await listen(options.kernel, server.netns);
    try {
      await expectAll(options, { client, server, policies: [] });
      enforcer.tryPolicy(policy);
      await expectAll(options, { client, server, policies: [policy] });
      enforcer.untryPolicy(policy);
      await expectAll(options, { client, server, policies: [] });
    } finally {
      listener.close();
    }
  } catch (error) {
    throw notProven(options.node.name, messageOf(error), error);
  } finally {
    enforcer.untryPolicy(policy);
    for (const canary of canaries) detach(options, canary);
    enforcer.untryNamespace(namespace);
  }
}

function canaryOf(options: ProofOptions, addresses: readonly Address[], at: number): Canary {
  const { node, pin } = options;
  const name = `canary-${node.name}-${at}`;
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, uid: name },
    spec: { nodeName: node.name, containers: [] },
  };
  return { pod, addresses, netns: pin(name) };
}

async function attach({ kernel, enforcer, node }: ProofOptions, canary: Canary): Promise<void> {
  const { pod, addresses, netns } = canary;
  const { name, uid = name } = pod.metadata;
  // What a daemon that was killed meanwhile left.
  await node.network.detach({ uid }, netns);
  kernel.deleteNamespace(netns);
  kernel.createNetworkNamespace(netns);
  enforcer.of(node.name).announce(pod, addresses);
  await node.network.attach({ uid, namespace: NAMESPACE, name, addresses, hostPorts: [] }, netns);
}

/** The wire goes with the namespace, by and by: nobody has to wait for the kernel to take it apart. */
function detach({ kernel, enforcer }: ProofOptions, { pod, netns }: Canary): void {
  kernel.deleteNamespace(netns);
  enforcer.withdraw(pod);
}

async function listen(kernel: Kernel, netns: string): Promise<Server> {
  const server = createServer((socket) => {
    // The client lets go first: all it wants is to be answered.
    socket.on('error', () => socket.destroy());
    socket.resume();
  });
  server.listen({ fd: kernel.listenTcp(netns, { address: '::', port: PORT }) });
  await once(server, 'listening');
  return server;
}

interface Expectation {
  readonly client: Canary;
  readonly server: Canary;
  readonly policies: readonly NetworkPolicy[];
}

/** Compares what packets do with what the judgement says of them, which other policies may have a say in. */
async function expectAll(options: ProofOptions, expectation: Expectation): Promise<void> {
  for (const [at, address] of expectation.server.addresses.entries()) {
    const source = expectation.client.addresses[at];
    if (source === undefined) continue;
    const expected = verdict(options.world(), expectation, source, address);
    const outcome = await dialAs(expected, options, {
      netns: expectation.client.netns,
      to: address,
    });
    if (outcome === expected) continue;
    const state = expectation.policies.length === 0 ? 'without a policy' : 'under a policy';
    const text = formatAddress(address);
    throw new Error(`${state} a connection to ${text} was ${outcome} that had to be ${expected}`);
  }
}

type Outcome = 'admitted' | 'dropped';

function verdict(
  world: PolicyWorld,
  { client, server, policies }: Expectation,
  source: Address,
  address: Address,
): Outcome {
  const own = policies.map((each) => [`${NAMESPACE}/${each.metadata.name}`, each] as const);
  const { admits } = judgeConnection(
    {
      ...world,
      namespaces: new Map([...world.namespaces, [NAMESPACE, namespace]]),
      policies: new Map([...world.policies, ...own]),
    },
    {
      source: { pod: client.pod, address: source },
      destination: { pod: server.pod, address },
      protocol: TCP,
      port: PORT,
    },
  );
  return admits ? 'admitted' : 'dropped';
}

/**
 * A second time when one was dropped that had to be admitted: the counter may have told of a packet of an earlier
 * attempt, which a busy machine delivered late. One that got through had nothing to excuse it.
 */
async function dialAs(
  expected: Outcome,
  options: ProofOptions,
  { netns, to }: { readonly netns: string; readonly to: Address },
): Promise<Outcome> {
  const outcome = await dial(options, netns, to);
  return expected === 'admitted' && outcome === 'dropped' ? dial(options, netns, to) : outcome;
}

/**
 * Opens a connection, again and again while nothing is heard: the first packets of a wire that was made this moment may
 * get lost, and TCP would wait a second before it repeats them.
 */
async function dial(options: ProofOptions, netns: string, to: Address): Promise<Outcome> {
  const all = new Patience(options.limitMs ?? LIMIT_MS);
  while (!all.isOver) {
    const one = new Patience(ATTEMPT_MS);
    const outcome = await dialOnce(options, { netns, to }, () => {
      const isTimeLeft = all.endTurn();
      return one.endTurn() && isTimeLeft;
    });
    if (outcome !== undefined) return outcome;
  }
  throw new Error(`${formatAddress(to)} is silent`);
}

/** One attempt, for as many turns as `goesOn`; the kernel's counter tells at once when it is dropped. */
async function dialOnce(
  { kernel, enforcer, node }: ProofOptions,
  { netns, to }: { readonly netns: string; readonly to: Address },
  goesOn: () => boolean,
): Promise<Outcome | undefined> {
  const before = enforcer.canaryDrops(node.name);
  const socket = new Socket({ fd: kernel.openTcp(netns, to.family) });
  const heard: { isConnected: boolean; failure?: Error } = { isConnected: false };
  socket.once('connect', () => (heard.isConnected = true));
  socket.once('error', (error) => (heard.failure = error));
  socket.connect(PORT, formatAddress(to));
  try {
    do {
      await nextTurn();
      if (heard.isConnected) return 'admitted';
      if (enforcer.canaryDrops(node.name) > before) return 'dropped';
      if (heard.failure !== undefined) throw heard.failure;
    } while (goesOn());
    return undefined;
  } finally {
    socket.destroy();
  }
}

function notProven(node: string, what: string, cause: unknown): Fault {
  return new Fault({
    code: 'POLICIES_NOT_PROVEN',
    message: `node ${node} does not enforce network policies: ${what}`,
    advice: 'Run `portolan doctor`; `portolan exec NODE -- nft list ruleset` shows the rules.',
    cause,
  });
}
