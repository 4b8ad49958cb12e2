import { staticSnapshot, identityOf, overlayObjects } from '../snapshot/index.ts';
import { formatAddress } from '../ip/index.ts';
import type { AnyObject } from '../kube/index.ts';
import { edited, manifestOf } from './change/edited.ts';
import { SCHEMA_VERSION, type Change, type Story } from './contract.ts';
import { grouped } from './group.ts';
import { tellDns } from './hops/dns.ts';
import { Teller, type Remedy } from './hops/telling.ts';
import { originsOf } from './places/origins.ts';
import { parsePlace, parseTarget, type Place, type Target } from './places/place.ts';
import { isOwnPod, outside, type Station } from './places/station.ts';
import { Scene, type Surroundings } from './scene.ts';
import { walk, type Walk } from './walk.ts';

/** A question in the words of the command line. */
export interface Question {
  readonly from: string;
  readonly to: string;
}

/** What is known: objects of an API server or of manifests, and what is around them. */
export interface Known extends Surroundings {
  readonly objects: readonly AnyObject[];
}

interface Parsed {
  readonly from: Place;
  readonly target: Target;
}

/** No more than so many things are wrong with one connection. */
const MAX_CHANGES = 6;

/** One source after the other: whoever has seen enough need not wait for the rest. */
function* walksOf(scene: Scene, { from, target }: Parsed): Generator<Walk> {
  const teller = new Teller(scene);
  for (const origin of originsOf(scene, from)) yield* walk(teller, origin, target);
}

function firstRemedy(walks: Iterable<Walk>): Remedy | undefined {
  for (const { remedies } of walks) if (remedies[0] !== undefined) return remedies[0];
  return undefined;
}

function sceneOf({ objects, ...surroundings }: Known): Scene {
  const { namespace } = surroundings;
  return new Scene(staticSnapshot(objects, { namespace }), surroundings);
}

function verdictOf(walks: readonly Walk[]): Story['verdict'] {
  const admitted = walks.filter(({ path }) => path.admits).length;
  if (admitted === walks.length) return 'admits';
  return admitted === 0 ? 'does not admit' : 'admits in part';
}

function stops(walks: Iterable<Walk>): string[] {
  const sentences = [...walks].flatMap(({ path }) =>
    path.hops.filter(({ outcome }) => outcome === 'stops').map(({ sentence }) => sentence),
  );
  return [...new Set(sentences)];
}

/** Objects with some remedies applied. */
interface Attempt {
  readonly known: Known;
  readonly changed: ReadonlyMap<string, AnyObject>;
  readonly sentences: readonly string[];
}

function applied({ known, changed, sentences }: Attempt, remedy: Remedy): Attempt | undefined {
  const object = edited(known.objects, remedy, known.namespace);
  if (object === undefined) return undefined;
  return {
    known: { ...known, objects: overlayObjects(known.objects, [object]) },
    changed: new Map([...changed, [identityOf(object), object] as const]),
    sentences: [...sentences, remedy.sentence],
  };
}

/** Applies one remedy after the other, judging again after each, until the connection is admitted or nothing helps. */
function findChange(known: Known, walks: readonly Walk[], parsed: Parsed): Change | undefined {
  let now: Attempt = { known, changed: new Map(), sentences: [] };
  let remedy = firstRemedy(walks);
  while (remedy !== undefined && now.sentences.length < MAX_CHANGES) {
    const next = applied(now, remedy);
    if (next === undefined) break;
    now = next;
    remedy = firstRemedy(walksOf(sceneOf(now.known), parsed));
  }
  if (now.sentences.length === 0) return undefined;
  const remaining = stops(walksOf(sceneOf(now.known), parsed));
  return {
    sentences: now.sentences,
    manifest: manifestOf([...now.changed.values()], known.namespace),
    admits: remaining.length === 0,
    remaining,
  };
}

/** Who goes to an address still has to find it out: what policies say of DNS is told beside. */
function dnsNotes(scene: Scene, { target }: Parsed, walks: readonly Walk[]): string[] {
  const isService = target.place.is === 'object' && target.place.kind === 'Service';
  if (!isService) return [];
  const teller = new Teller(scene);
  const origins: readonly Station[] = [...new Set(walks.map(({ source }) => source))];
  const sentences = origins.filter(isOwnPod).flatMap((origin) => {
    const told = tellDns(teller, origin);
    return told?.hop.outcome === 'stops' ? [told.hop.sentence] : [];
  });
  return sentences.slice(0, 1).map((sentence) => `by its name it cannot be reached: ${sentence}`);
}

/** The world outside has more addresses than the two that stand for it. */
function outsideNotes(walks: readonly Walk[]): string[] {
  const ends = walks.flatMap(({ source, arrival }) => [source, arrival?.station]);
  const isOutside = ends.some((end) => end?.addresses === outside.addresses);
  const texts = outside.addresses.map(formatAddress).join(' and ');
  return isOutside ? [`the world outside is judged by addresses that are nobody's: ${texts}`] : [];
}

function assumptionNotes({ snapshot }: Scene, walks: readonly Walk[]): string[] {
  const pods = walks.flatMap(({ source, arrival }) => [source.pod, arrival?.station.pod]);
  const isStamped = pods.some(
    (pod) =>
      pod !== undefined &&
      snapshot.assumed.pods.has(`${pod.metadata.namespace}/${pod.metadata.name}`),
  );
  return isStamped
    ? [
        'pods are those that the templates will make, running and ready; their addresses and nodes are not known',
      ]
    : [];
}

/** What was asked, and all that was found out for it: `walks` has the real ends. */
export interface Explained {
  readonly story: Story;
  readonly walks: readonly Walk[];
}

/**
 * Tells whether connections from one place to another are admitted, station by station, and the smallest change that would
 * admit them. Pure.
 * @throws Fault `PLACE_NOT_UNDERSTOOD`, `NO_SUCH_OBJECT`, `NO_PODS`, `NO_SUCH_NAME`, `PORT_NEEDED`
 */
export function explain(known: Known, { from, to }: Question): Explained {
  const parsed = { from: parsePlace(from), target: parseTarget(to) };
  const scene = sceneOf(known);
  const walks = [...walksOf(scene, parsed)];
  const verdict = verdictOf(walks);
  const change = verdict === 'admits' ? undefined : findChange(known, walks, parsed);
  const story: Story = {
    schemaVersion: SCHEMA_VERSION,
    from,
    to,
    protocol: parsed.target.protocol,
    admits: verdict === 'admits',
    verdict,
    paths: grouped(walks.map(({ path }) => path)),
    ...(change === undefined ? {} : { change }),
    notes: [
      ...dnsNotes(scene, parsed, walks),
      ...outsideNotes(walks),
      ...assumptionNotes(scene, walks),
    ],
  };
  return { story, walks };
}
