import { keyOf, type Service, type ServicePort } from '../../kube/index.ts';
import { targetNumber } from '../../services/index.ts';
import { selectedPods } from '../places/find.ts';
import { idOf } from '../scene.ts';
import { selectsNothing } from './selects-nothing.ts';
import { noTargetPort } from './target-port.ts';
import type { Teller, Told } from './telling.ts';
import { unreadyDetails } from './unready.ts';

/** Why nobody answers for a Service's port. */
export function tellNoEndpoints(teller: Teller, service: Service, port: ServicePort): Told {
  const object = idOf(service);
  if (Object.keys(service.spec.selector ?? {}).length === 0) {
    const sentence = `Service ${keyOf(service)} has no selector, and nobody gave it endpoints`;
    return teller.tell(['service', 'stops', 'NO_SELECTOR'], sentence, { object, path: ['spec'] });
  }
  const pods = selectedPods(teller.scene, service);
  if (pods.length === 0) return selectsNothing(teller, service);
  const serving = pods.filter((pod) => targetNumber(pod, port) !== undefined);
  if (serving.length === 0) return noTargetPort(teller, service, { port, pods });
  const selected = `that Service ${keyOf(service)} selects is`;
  const sentence =
    serving.length === 1
      ? `the pod ${selected} not ready`
      : `none of the ${serving.length} pods ${selected} ready`;
  const details = unreadyDetails(teller, serving);
  if (details.length > 0) {
    return teller.tell(['service', 'stops', 'PODS_NOT_READY'], sentence, { object, details });
  }
  const none = `Service ${keyOf(service)} has no endpoint in this family of addresses, or none yet`;
  return teller.tell(['service', 'stops', 'NO_ENDPOINTS'], none, { object });
}
