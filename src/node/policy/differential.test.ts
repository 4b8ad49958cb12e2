import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { formatAddress, requireAddress } from '../../ip/index.ts';
import { judgeConnection, type Party } from '../../policy/index.ts';
import type { LabAttempt, LabHost } from './testing/lab-traffic.ts';
import { PolicyLab, type LabPod } from './testing/policy-lab.ts';
import { Dice, NAMESPACES, RandomCluster } from './testing/random-cluster.ts';

/** The clusters that are tried; PORTOLAN_CLUSTERS asks for more. */
const CLUSTERS = Number(process.env['PORTOLAN_CLUSTERS'] ?? 500);
/** PORTOLAN_SEED replays one cluster, whose seed a failure printed. */
const REPLAYED = process.env['PORTOLAN_SEED'];
/** Clusters of one test: what fails late in one shows how they follow one another. */
const STEP = 50;
const PROTOCOLS = { TCP: 6, UDP: 17 } as const;
const PORTS = { TCP: [80, 8080], UDP: [53, 5353] } as const;

/** What differs between pods besides labels, which change from cluster to cluster: named ports, and where they are. */
const podPlan = [
  { namespace: 'red', node: 0, ports: { http: 80, dns: 53 } },
  { namespace: 'red', node: 1, ports: { http: 8080, alt: 80 } },
  { namespace: 'green', node: 0, ports: { alt: 8080 } },
  { namespace: 'green', node: 1, ports: { http: 80, dns: 5353 } },
  { namespace: 'blue', node: 0, ports: {} },
  { namespace: 'blue', node: 1, ports: { http: 80, alt: 8080, dns: 53 } },
] as const;

const blocks = [
  '0.0.0.0/0',
  '::/0',
  '10.244.0.0/16',
  '10.244.0.0/24',
  '10.244.1.0/24',
  '10.244.0.2/32',
  '10.244.1.3/32',
  'fd00:10:244::/56',
  'fd00:10:244:1::/64',
  'fd00:10:244::2/128',
  '172.18.0.0/16',
  '172.18.0.2/32',
  'fd00:172:18::/64',
] as const;

describe(`the model and real packets agree, over ${REPLAYED ?? CLUSTERS} clusters`, () => {
  let lab: PolicyLab;
  let pods: readonly LabPod[];

  before(async () => {
    lab = await PolicyLab.create();
    for (const namespace of NAMESPACES) lab.namespace(namespace);
    const made: LabPod[] = [];
    for (const [at, { ports, ...place }] of podPlan.entries()) {
      made.push(
        await lab.pod({ ...place, name: `pod-${at}`, spec: { containers: [container(ports)] } }),
      );
    }
    pods = made;
    lab.quicken();
  });
  after(() => lab.dispose());

  /** Every pod to every other and to a node, and a node and the outside to every pod. */
  function attempts(): LabAttempt[] {
    const [node1] = lab.nodes;
    assert.ok(node1);
    const pairs: (readonly [LabHost, LabHost])[] = [
      ...pods.flatMap((from) => pods.filter((to) => to !== from).map((to) => [from, to] as const)),
      ...pods.map((to) => [lab.outside, to] as const),
      ...pods.map((to) => [node1, to] as const),
      ...pods.map((from) => [from, lab.outside] as const),
    ];
    return pairs.flatMap(([from, to]) =>
      (['TCP', 'UDP'] as const).flatMap((protocol) =>
        PORTS[protocol].flatMap((port) =>
          to.addresses.map((address) => ({
            from,
            address: formatAddress(address),
            port,
            protocol,
          })),
        ),
      ),
    );
  }

  function party(host: LabHost, address: string): Party {
    const pod = pods.find((each) => each === host);
    if (pod !== undefined) {
      return { pod: pod.object, node: pod.node.name, address: requireAddress(address) };
    }
    const node = lab.nodes.find((each) => each === host);
    return { address: requireAddress(address), ...(node && { node: node.name }) };
  }

  function predict({ from, address, port, protocol }: LabAttempt): boolean {
    const to = [...pods, lab.outside].find(({ addresses }) =>
      addresses.some((own) => formatAddress(own) === address),
    );
    assert.ok(to);
    const family = requireAddress(address).family;
    const own = from.addresses.find((each) => each.family === family);
    assert.ok(own);
    const { admits } = judgeConnection(
      { ...lab.world, podRanges: lab.enforcer.podRanges },
      {
        source: party(from, formatAddress(own)),
        destination: party(to, address),
        protocol: PROTOCOLS[protocol],
        port,
      },
    );
    return admits;
  }

  function shuffle(seed: number): void {
    const dice = new Dice(seed);
    const random = new RandomCluster(dice, blocks);
    lab.clear();
    for (const name of NAMESPACES) lab.namespace(name, random.namespaceLabels());
    for (const pod of pods) lab.relabel(pod, random.podLabels());
    for (const at of dice.some(0, 5, () => 0).keys()) {
      lab.policy(`policy-${at}`, random.policy(), dice.pick(NAMESPACES));
    }
    for (const at of dice.some(0, dice.chance(0.5) ? 3 : 0, () => 0).keys()) {
      lab.clusterPolicy(`cluster-policy-${at}`, random.clusterPolicy());
    }
  }

  async function compare(seed: number): Promise<void> {
    shuffle(seed);
    const all = attempts();
    const found = await lab.traffic.survey(all);
    const wrong = all.flatMap((attempt, at) => {
      if (predict(attempt) === found[at]) return [];
      const { from, address, port, protocol } = attempt;
      const what = found[at] === true ? 'pass' : 'do not pass';
      return [`${from.name} -> ${address} ${port}/${protocol}: packets ${what}`];
    });
    assert.deepEqual(wrong, [], `PORTOLAN_SEED=${seed} replays it`);
  }

  if (REPLAYED !== undefined) test(`seed ${REPLAYED}`, () => compare(Number(REPLAYED)));
  else {
    for (let seed = 1; seed <= CLUSTERS; seed += STEP) {
      const last = Math.min(seed + STEP - 1, CLUSTERS);
      test(`seeds ${seed} to ${last}`, async () => {
        for (let each = seed; each <= last; each += 1) await compare(each);
      });
    }
  }
});

function container(ports: Readonly<Record<string, number>>) {
  return {
    name: 'main',
    image: 'none',
    ports: Object.entries(ports).map(([name, containerPort]) => ({
      name,
      containerPort,
      protocol: name === 'dns' ? ('UDP' as const) : ('TCP' as const),
    })),
  };
}
