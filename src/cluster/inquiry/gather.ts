import type { Known, Locator, ObjectId } from '../../explain/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import { readManifests, type ManifestObject } from '../../manifests/index.ts';
import { definitionOf, overlayObjects } from '../../snapshot/index.ts';
import { enforcementOf } from './enforcement.ts';
import { readCluster } from './read-cluster.ts';
import type { InquirySource } from './request.ts';
import { usable } from './usable.ts';

/** What a question is judged by, and what was found about it on the way. */
export interface Gathered {
  readonly known: Known;
  /** Without the changes. */
  readonly before: readonly AnyObject[];
  readonly notes: readonly string[];
}

function isThe({ kind, metadata }: AnyObject, id: ObjectId, namespace: string): boolean {
  const own = metadata.namespace ?? namespace;
  return (
    kind === id.kind &&
    metadata.name === id.name &&
    (id.namespace === undefined || own === id.namespace)
  );
}

/** Later files win, as a later apply would. */
function locator(written: readonly ManifestObject[], namespace: string): Locator {
  return (id, path) => {
    const found = written.findLast(({ object }) => isThe(object, id, namespace));
    if (found === undefined) return undefined;
    const { file, line } = found.positionOf(path);
    return `${file}:${line}`;
  };
}

async function readBase(source: InquirySource) {
  if (source.files !== undefined) {
    const { objects, notes } = usable(
      await readManifests(source.files),
      source.namespace ?? 'default',
    );
    return {
      objects: objects.map(({ object }) => object),
      written: objects,
      notes,
      namespace: 'default',
    };
  }
  return { ...(await readCluster(source)), ...enforcementOf(source), written: [], notes: [] };
}

/** Reads all that a question is about. @throws Fault for what cannot be read, ApiError for what the API refuses */
export async function gather(source: InquirySource): Promise<Gathered> {
  const base = await readBase(source);
  const namespace = source.namespace ?? base.namespace;
  const changes = usable(await readManifests(source.changes ?? []), namespace);
  const applied = changes.objects.map(({ object }) => named(object, namespace));
  const before = base.objects.map((object) => named(object, namespace));
  return {
    known: {
      objects: applied.length === 0 ? before : overlayObjects(before, applied),
      namespace,
      locate: locator([...base.written, ...changes.objects], namespace),
      ...('serviceRanges' in base ? { serviceRanges: base.serviceRanges } : {}),
      ...('unenforcedBy' in base ? { unenforcedBy: base.unenforcedBy } : {}),
      ...('corefile' in base ? { corefile: base.corefile } : {}),
    },
    before,
    notes: [...base.notes, ...changes.notes],
  };
}

/** Objects are the same ones only when both say where they are. */
function named(object: AnyObject, namespace: string): AnyObject {
  const isComplete =
    object.metadata.namespace !== undefined || definitionOf(object)?.namespaced !== true;
  return isComplete ? object : { ...object, metadata: { ...object.metadata, namespace } };
}
