import { keyOf, type KubeObject, type Pod, type Service } from '../../kube/index.ts';

const annotation = 'endpoints.kubernetes.io/last-change-trigger-time';

function timesOf(service: Service, pods: readonly Pod[]): Map<string, string> {
  const times = new Map<string, string>();
  const { uid = '', creationTimestamp } = service.metadata;
  if (creationTimestamp !== undefined) times.set(`service ${uid}`, creationTimestamp);
  for (const pod of pods) {
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.lastTransitionTime !== undefined) times.set(keyOf(pod), ready.lastTransitionTime);
  }
  return times;
}

/**
 * When what is being written happened: the earliest of the Service's creation and its pods' turns of readiness that the
 * last look had not seen. From it the delay of network programming is measured.
 */
export class TriggerTimes {
  private readonly seen = new Map<string, ReadonlyMap<string, string>>();

  /** @returns an RFC 3339 time; undefined when nothing that bears a time has changed, e.g. when a pod went */
  next(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyOf(service);
    const before = this.seen.get(key);
    const times = timesOf(service, pods);
    this.seen.set(key, times);
    const news = [...times].filter(([object, time]) => before?.get(object) !== time);
    // RFC 3339 in UTC sorts as text.
    return news
      .map(([, time]) => time)
      .sort()
      .at(0);
  }

  /** Forgets a Service that is gone, by `namespace/name`. */
  forget(key: string): void {
    this.seen.delete(key);
  }
}

/** The object with that time in its annotation, or without the annotation. */
export function withTriggerTime<T extends KubeObject>(object: T, time: string | undefined): T {
  const { [annotation]: _old, ...annotations } = object.metadata.annotations ?? {};
  if (time !== undefined) annotations[annotation] = time;
  return { ...object, metadata: { ...object.metadata, annotations } };
}
