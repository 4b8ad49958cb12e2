import { keyOf, type Service } from '../../kube/index.ts';
import { hostName, type RouteWorld } from '../../routes/index.ts';
import type { HttpStory, Story } from '../contract.ts';
import { seenClient } from '../hops/judge.ts';
import { resolve } from '../hops/resolve.ts';
import { Teller, type Told } from '../hops/telling.ts';
import { verdictOf, type Inquiry } from '../inquiry.ts';
import { sceneOf, type Known } from '../known.ts';
import { originsOf } from '../places/origins.ts';
import type { Place, Target } from '../places/place.ts';
import { isOwnPod, type Station } from '../places/station.ts';
import type { Scene } from '../scene.ts';
import { walk, walkOf, type Walk } from '../walk.ts';
import { backendWalks } from './backend-walks.ts';
import { controllerService, lacksController, withController } from './controller.ts';
import { httpStoryOf, judge, type Judged } from './judged.ts';
import { relevantFindings, tlsFindings } from './relevant.ts';
import type { HttpRequest } from './request.ts';
import { routeWorldOf } from './route-world.ts';
import { tellRequest } from './tell-request.ts';
import { tellTls } from './tell-tls.ts';

/** The objects as the question needs them. */
interface Setting {
  readonly teller: Teller;
  readonly world: RouteWorld;
  readonly service: Service | undefined;
}

function settingOf(known: Known): Setting {
  const complete = withController(known);
  const scene = sceneOf(complete);
  return {
    teller: new Teller(scene),
    world: routeWorldOf(complete, scene),
    service: controllerService(scene),
  };
}

function tellNoController(teller: Teller, { host }: HttpRequest): Told {
  const sentence = `nobody answers for ${host}: the cluster has no ingress controller`;
  const details = [teller.detail('portolan addons enable ingress starts one')];
  return teller.tell(['request', 'stops', 'NO_CONTROLLER'], sentence, { details });
}

/** A request to a URL: to the controller, through its rules, and on to the endpoints. */
export class RequestInquiry implements Inquiry {
  readonly protocol = 'TCP';
  private readonly from: Place;
  private readonly request: HttpRequest;

  constructor(from: Place, request: HttpRequest) {
    this.from = from;
    this.request = request;
  }

  *walks(known: Known): Generator<Walk> {
    const setting = settingOf(known);
    const told = new Set<string>();
    for (const origin of originsOf(setting.teller.scene, this.from)) {
      yield* this.walksOf(setting, origin, told);
    }
  }

  /** @param told what was told of earlier sources from the controller on, which is not told again */
  private *walksOf(setting: Setting, origin: Station, told: Set<string>): Generator<Walk> {
    const { teller, service, world } = setting;
    if (service === undefined) {
      yield walkOf(teller, origin, [tellNoController(teller, this.request)]);
      return;
    }
    const front = walk(teller, origin, this.controllerTarget(service));
    yield* front;
    const arrival = front.find((one) => one.arrival !== undefined)?.arrival;
    if (arrival === undefined) return;
    const client = seenClient(teller.scene, origin, arrival);
    const judged = judge(world, this.request, client);
    const { reason, route } = judged.verdict;
    const key = JSON.stringify([reason, route?.ref]);
    if (told.has(key)) return;
    told.add(key);
    yield* backendWalks(teller, arrival.station, { told: this.tell(setting, judged), judged });
  }

  private tell({ teller, world }: Setting, judged: Judged): Told[] {
    const tls = tellTls(teller, judged, tlsFindings(world, judged));
    if (tls !== undefined && judged.isUnopened) return [tls];
    const request = tellRequest(teller, judged, relevantFindings(world, judged));
    return tls === undefined ? [request] : [tls, request];
  }

  /** A URL may name a node port of the controller's Service, as people do who have no load balancer. */
  private controllerTarget({ metadata: { namespace, name }, spec }: Service): Target {
    const place = { is: 'object', kind: 'Service', namespace, name } as const;
    const asked = this.request.port;
    const port = spec.ports?.find(({ nodePort }) => nodePort === asked)?.port ?? asked;
    return { place, port, protocol: 'TCP' };
  }

  /** The way to the controller and the way from it on stand one behind the other: a request needs both. */
  verdict(walks: readonly Walk[]): Story['verdict'] {
    const { front = [], back = [] } = Object.groupBy(walks, ({ path }) =>
      path.hops.some(({ step }) => step === 'request' || step === 'tls') ? 'back' : 'front',
    );
    const verdicts = [front, back].filter(({ length }) => length > 0).map(verdictOf);
    return verdicts.find((one) => one === 'does not admit') ?? verdictOf(walks);
  }

  notes(known: Known): readonly string[] {
    const own = this.ownNameNotes(sceneOf(known));
    if (!lacksController(known)) return own;
    const taken =
      'manifests have no ingress controller: it is taken to be the one of portolan start';
    return [...own, taken];
  }

  /** A pod that asks for a Service by its own name never comes to the controller. */
  private ownNameNotes(scene: Scene): string[] {
    const { host, scheme } = this.request;
    const name = hostName(host);
    const origin = originsOf(scene, this.from).find(isOwnPod);
    if (origin === undefined) return [];
    const namespace = origin.pod?.metadata.namespace ?? scene.namespace;
    const { service } = resolve(scene, { name, namespace });
    if (service === undefined) return [];
    const port = /:(\d+)$/.exec(host)?.[1] ?? (scheme === 'https' ? '443' : '80');
    return [
      `this is what the ingress controller makes of ${name}; for a pod the name is that of Service ${keyOf(service)} itself: ask about ${name}:${port}`,
    ];
  }

  /** As the first source's request is judged. */
  http(known: Known): HttpStory | undefined {
    const { teller, world, service } = settingOf(known);
    const [origin] = originsOf(teller.scene, this.from);
    if (service === undefined || origin === undefined) return undefined;
    const [first] = walk(teller, origin, this.controllerTarget(service));
    const client =
      first?.arrival === undefined ? origin : seenClient(teller.scene, origin, first.arrival);
    return httpStoryOf(judge(world, this.request, client));
  }
}
