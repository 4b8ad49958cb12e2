import { formatAddress } from '../ip/index.ts';
import { findChange } from './change/find-change.ts';
import { SCHEMA_VERSION, type Story } from './contract.ts';
import { grouped } from './group.ts';
import { tellDns } from './hops/dns.ts';
import { Teller } from './hops/telling.ts';
import { parseRequest } from './http/request.ts';
import { RequestInquiry } from './http/request-inquiry.ts';
import { verdictOf, type Inquiry } from './inquiry.ts';
import { sceneOf, type Known, type Question } from './known.ts';
import { originsOf } from './places/origins.ts';
import { parsePlace, parseTarget, type Place, type Target } from './places/place.ts';
import { isAnybodyOutside, isOwnPod, outside, type Station } from './places/station.ts';
import type { Scene } from './scene.ts';
import { walk, type Walk } from './walk.ts';

interface Parsed {
  readonly from: Place;
  readonly target: Target;
}

/** One source after the other: whoever has seen enough need not wait for the rest. */
function* walksOf(scene: Scene, { from, target }: Parsed): Generator<Walk> {
  const teller = new Teller(scene);
  for (const origin of originsOf(scene, from)) yield* walk(teller, origin, target);
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
  const ends = walks.flatMap(({ source, arrival }) =>
    arrival === undefined ? [source] : [source, arrival.station],
  );
  const found = ends.find(isAnybodyOutside);
  if (found === undefined) return [];
  const texts = found.addresses.map(formatAddress).join(' and ');
  return found.addresses === outside.addresses
    ? [`the world outside is judged by addresses that are nobody's: ${texts}`]
    : [`the world outside is judged by the addresses that it has here: ${texts}`];
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

/** A connection to a place. */
class ConnectionInquiry implements Inquiry {
  readonly protocol: Story['protocol'];
  private readonly parsed: Parsed;

  constructor({ from, to }: Question) {
    this.parsed = { from: parsePlace(from), target: parseTarget(to) };
    this.protocol = this.parsed.target.protocol;
  }

  walks(known: Known): Iterable<Walk> {
    return walksOf(sceneOf(known), this.parsed);
  }

  verdict(walks: readonly Walk[]): Story['verdict'] {
    return verdictOf(walks);
  }

  notes(known: Known, walks: readonly Walk[]): readonly string[] {
    return dnsNotes(sceneOf(known), this.parsed, walks);
  }
}

function inquiryOf({ from, to }: Question): Inquiry {
  const request = parseRequest(to);
  return request === undefined
    ? new ConnectionInquiry({ from, to })
    : new RequestInquiry(parsePlace(from), request);
}

/** What was asked, and all that was found out for it: `walks` has the real ends. */
export interface Explained {
  readonly story: Story;
  readonly walks: readonly Walk[];
}

/**
 * Tells whether connections from one place to another are admitted, station by station, and the smallest change that would
 * admit them; of an http or https URL, what becomes of the request. Pure.
 * @throws Fault `PLACE_NOT_UNDERSTOOD`, `NO_SUCH_OBJECT`, `NO_PODS`, `NO_SUCH_NAME`, `PORT_NEEDED`
 */
export function explain(known: Known, { from, to }: Question): Explained {
  const inquiry = inquiryOf({ from, to });
  const walks = [...inquiry.walks(known)];
  const verdict = inquiry.verdict(walks);
  const again = (changed: Known): Iterable<Walk> => inquiry.walks(changed);
  const change = verdict === 'admits' ? undefined : findChange(known, walks, again);
  const http = inquiry.http?.(known);
  const story: Story = {
    schemaVersion: SCHEMA_VERSION,
    from,
    to,
    protocol: walks.find((one) => one.protocol !== undefined)?.protocol ?? inquiry.protocol,
    admits: verdict === 'admits',
    verdict,
    ...(http === undefined ? {} : { http }),
    paths: grouped(walks.map(({ path }) => path)),
    ...(change === undefined ? {} : { change }),
    notes: [
      ...inquiry.notes(known, walks),
      ...outsideNotes(walks),
      ...assumptionNotes(sceneOf(known), walks),
    ],
  };
  return { story, walks };
}
