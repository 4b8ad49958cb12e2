import {
  annotationPrefix,
  requestReasons,
  type Canary,
  type Finding,
  type PathMatch,
  type Route,
  type RouteRef,
} from '../../routes/index.ts';
import type { Detail, FieldPath, ObjectId } from '../contract.ts';
import { sourceText } from '../hops/service-stops.ts';
import type { Teller, Told } from '../hops/telling.ts';
import type { Judged } from './judged.ts';

function ingressId(key: string): ObjectId {
  const [namespace = '', name = ''] = key.split('/');
  return { kind: 'Ingress', namespace, name };
}

function pathOf({ rule, path }: RouteRef): FieldPath {
  return rule === -1 ? ['spec', 'defaultBackend'] : ['spec', 'rules', rule, 'http', 'paths', path];
}

const matchWords: Readonly<Record<PathMatch['kind'], string>> = {
  exact: 'Exact',
  prefix: 'Prefix',
  text: 'ImplementationSpecific',
  regex: 'the expression',
};

/** `rules[0].paths[1] (Prefix /hello) of Ingress default/web, host foo.com` */
function ruleText({ ref, match, host }: Route): string {
  const where = host === '' ? 'any host' : `host ${host}`;
  if (ref.rule === -1) return `the default backend of Ingress ${ref.ingress}, ${where}`;
  const text = match.kind === 'regex' ? match.source : match.path;
  const kind = matchWords[match.kind];
  return `rules[${ref.rule}].paths[${ref.path}] (${kind} ${text}) of Ingress ${ref.ingress}, ${where}`;
}

/** What annotations ask of a request before or after an endpoint is asked: the annotation, and what it does. */
function demands(
  { policy }: Route,
  client: string,
): (readonly [annotation: string, text: string])[] {
  const { basicAuth, digestAuth, externalAuth, limits, allow, deny, affinity, mirror } = policy;
  const all: readonly (readonly [annotation: string, wish: unknown, text: string])[] = [
    ['auth-type', basicAuth ?? digestAuth, 'a user and a password are asked for'],
    ['auth-url', externalAuth, `${externalAuth?.url} is asked first`],
    ['limit-rps', limits, 'requests and connections are limited'],
    [
      'allowlist-source-range',
      allow,
      `only ${allow?.join(', ')} may; the controller sees ${client}`,
    ],
    ['denylist-source-range', deny, `${deny?.join(', ')} may not; the controller sees ${client}`],
    ['affinity', affinity, 'a cookie keeps a client at its endpoint'],
    ['mirror-target', mirror, `a copy goes to ${mirror?.url}`],
  ];
  return all.filter(([, wish]) => wish !== undefined).map(([name, , text]) => [name, text]);
}

function annotationDetail(
  teller: Teller,
  ingress: string,
  [annotation, sentence]: readonly [annotation: string, sentence: string],
): Detail {
  const path = ['metadata', 'annotations', `${annotationPrefix}${annotation}`];
  return teller.detail(sentence, ingressId(ingress), path);
}

function canaryDetail(teller: Teller, { ref, backend, weight, total }: Canary): Detail {
  const sentence = `${weight} of ${total} requests, and those that its header or cookie chooses, go to the canary ${backend.split(' ')[0]}`;
  return annotationDetail(teller, ref.ingress, ['canary', sentence]);
}

/** The controller sees what nodes on the way leave of it. */
function clientText(teller: Teller, { client }: Judged): string {
  const [address] = client.addresses;
  return address === undefined ? client.name : sourceText(teller, client, address);
}

function detailsOf(teller: Teller, judged: Judged): Detail[] {
  const { verdict, request, runnersUp } = judged;
  const { route, target } = verdict;
  const [second] = runnersUp;
  const details: Detail[] = [];
  if (second !== undefined) {
    const sentence = `the runner-up is ${ruleText(second)}`;
    details.push(teller.detail(sentence, ingressId(second.ref.ingress), pathOf(second.ref)));
  }
  if (route === undefined) return details;
  const { ingress } = route.ref;
  if (target !== undefined && target !== request.target) {
    const rewritten = ['rewrite-target', `the endpoint is asked for ${target}`] as const;
    details.push(annotationDetail(teller, ingress, rewritten));
  }
  const demanded = demands(route, clientText(teller, judged)).map((demand) =>
    annotationDetail(teller, ingress, demand),
  );
  const canaries = route.canaries.map((canary) => canaryDetail(teller, canary));
  return [...details, ...demanded, ...canaries];
}

/** What authors of the Ingresses that have to do with the name should hear. */
function findingDetails(teller: Teller, found: readonly Finding[]): Detail[] {
  return found.map(({ ingress, field, message }) =>
    teller.detail(`Ingress ${ingress}, ${field}: ${message}`, ingressId(ingress)),
  );
}

function outcomeText({ verdict }: Judged): string {
  const { action, status, location, reason } = verdict;
  if (action === 'redirect') return `: redirected to ${location} (${status})`;
  return action === 'respond' ? `: ${requestReasons[reason]}` : '';
}

/** Which rule has the request, and what it makes of it. */
export function tellRequest(teller: Teller, judged: Judged, findings: readonly Finding[]): Told {
  const { verdict, request } = judged;
  const { route, reason, action } = verdict;
  const asked = `GET ${request.scheme}://${request.host}${request.target}`;
  const outcome = action === 'respond' ? 'stops' : 'passes';
  const details = [...detailsOf(teller, judged), ...findingDetails(teller, findings)];
  if (route === undefined) {
    const why = action === 'redirect' ? outcomeText(judged) : `: ${requestReasons[reason]}`;
    const sentence = `${asked}${why}`;
    return teller.tell(['request', outcome, reason], sentence, { details });
  }
  const sentence = `${asked} is for ${ruleText(route)}${outcomeText(judged)}`;
  const about = { object: ingressId(route.ref.ingress), path: pathOf(route.ref), details };
  return teller.tell(['request', outcome, reason], sentence, about);
}
