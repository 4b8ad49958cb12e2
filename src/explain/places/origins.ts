import { Fault } from '../../fault/index.ts';
import type { Scene } from '../scene.ts';
import { podsOfWorkload, requireIn, requirePods, selectedPods } from './find.ts';
import type { Place } from './place.ts';
import { nodeStation, outsideOf, podStation, stationAt, type Station } from './station.ts';
import { resolve } from '../hops/resolve.ts';

function ofObject(
  scene: Scene,
  { kind, namespace = scene.namespace, name }: Extract<Place, { is: 'object' }>,
): Station[] {
  const { snapshot } = scene;
  const wanted = { kind, namespace, name };
  if (kind === 'Node') {
    return [nodeStation(requireIn(scene, snapshot.nodes, { ...wanted, namespace: '' }))];
  }
  if (kind === 'Pod') return [podStation(requireIn(scene, snapshot.pods, wanted))];
  const pods =
    kind === 'Service'
      ? selectedPods(scene, requireIn(scene, snapshot.services, wanted))
      : podsOfWorkload(scene, wanted);
  return requirePods(pods, wanted).map(podStation);
}

/** Those who have a name: the pods of a Service, or one pod of a headless one. */
function ofName(scene: Scene, name: string): Station[] {
  const { service, addresses } = resolve(scene, { name, namespace: scene.namespace });
  if (service !== undefined) {
    const pods = selectedPods(scene, service);
    const { namespace = '', name: own } = service.metadata;
    return requirePods(pods, { kind: 'Service', namespace, name: own }).map(podStation);
  }
  if (addresses.length > 0) return addresses.map((address) => stationAt(scene, address));
  const isPod = scene.snapshot.pods.has(`${scene.namespace}/${name}`);
  throw new Fault({
    code: 'NO_SUCH_NAME',
    message: `nobody in the cluster has the name ${name}`,
    advice: isPod
      ? `Did you mean pod/${name}?`
      : 'Write NAME.NAMESPACE of a Service, pod/NAME, deploy/NAME, an address, or outside.',
  });
}

/** Where connections of FROM start. @throws Fault `NO_SUCH_OBJECT`, `NO_PODS`, `NO_SUCH_NAME` */
export function originsOf(scene: Scene, place: Place): Station[] {
  if (place.is === 'outside') return [outsideOf(scene)];
  if (place.is === 'address') return [stationAt(scene, place.address)];
  return place.is === 'name' ? ofName(scene, place.name) : ofObject(scene, place);
}
