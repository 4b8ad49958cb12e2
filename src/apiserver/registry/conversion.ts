import type { WatchEvent, WatchListener } from '../../client/index.ts';
import { apiVersionOf, type AnyObject, type KubeList } from '../../kube/index.ts';
import type { ServedKind } from './catalog.ts';
import type { Call, Collection } from './context.ts';
import { copyWithoutNulls } from './private-copy.ts';

/** Stands between the callers of a kind and its storage; most kinds are stored as they are served. */
export interface Conversion {
  /** The same place in storage. */
  readonly place: <T extends Collection>(place: T) => T;
  readonly toStored: (object: AnyObject) => AnyObject;
  readonly fromStored: (stored: AnyObject) => AnyObject;
  readonly list: (list: KubeList) => KubeList;
  readonly listener: (listener: WatchListener<AnyObject>) => WatchListener<AnyObject>;
  /** Tells the caller of a write in what form the object is stored. */
  readonly warn: (call: Call, stored: AnyObject) => void;
}

function same<T>(value: T): T {
  return value;
}

const none: Conversion = {
  place: same,
  toStored: same,
  fromStored: same,
  list: same,
  listener: same,
  warn: () => undefined,
};

/** How objects of a kind are converted on their way in and out. */
export function conversionOf({ definition, stored }: ServedKind): Conversion {
  const { form } = definition;
  if (form === undefined || stored === undefined) return none;
  const apiVersion = apiVersionOf(definition);
  const eventOf = ({ type, object }: WatchEvent): WatchEvent => ({
    type,
    // A bookmark has no contents to convert.
    object: type === 'BOOKMARK' ? { ...object, apiVersion } : form.fromStored(object),
  });
  return {
    place: (place) => ({ ...place, kind: stored }),
    // A null is as good as nothing, wherever it stands.
    toStored: (object) => form.toStored(copyWithoutNulls(object)),
    fromStored: (object) => form.fromStored(object),
    list: (list) => ({
      ...list,
      apiVersion,
      items: list.items.map((item) => form.fromStored(item)),
    }),
    listener: (listener) => ({
      onEvent: (event) => listener.onEvent(eventOf(event)),
      onEnd: (reason) => listener.onEnd(reason),
    }),
    warn: (call, object) => call.warn(form.warning(object)),
  };
}
