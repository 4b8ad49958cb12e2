import type { Detail, FieldPath, Hop, ObjectId, Step, StepOutcome } from '../contract.ts';
import type { AnyObject } from '../../kube/index.ts';
import type { HopReason } from '../reasons.ts';
import type { Scene } from '../scene.ts';

/** How an object would have to be for the connection to get on. */
export interface Remedy {
  readonly object: ObjectId;
  /** Changes a private copy. */
  edit(object: AnyObject): void;
  /** What it does, in the imperative. */
  readonly sentence: string;
}

/** A station on the way, and what would help when it ends there. */
export interface Told {
  readonly hop: Hop;
  readonly remedy?: Remedy;
}

/** What a sentence is about. */
export interface About {
  readonly object?: ObjectId;
  /** Of the object; its place in a file is told. */
  readonly path?: FieldPath;
  readonly details?: readonly Detail[];
  readonly rule?: Hop['rule'];
  readonly remedy?: Remedy;
}

/** `spec.ingress[0].from` */
export function pathText(path: FieldPath): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${step}`))
    .join('');
}

/** The object, the field and its place, as far as they are known. */
export function whereOf(
  scene: Scene,
  object: ObjectId | undefined,
  path: FieldPath = [],
): Pick<Detail, 'object' | 'field' | 'source'> {
  if (object === undefined) return {};
  const source = scene.locate(object, path);
  return {
    object,
    ...(path.length === 0 ? {} : { field: pathText(path) }),
    ...(source === undefined ? {} : { source }),
  };
}

/** Tells steps of one scene. */
export class Teller {
  readonly scene: Scene;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  detail(sentence: string, object?: ObjectId, path?: FieldPath): Detail {
    return { sentence, ...whereOf(this.scene, object, path) };
  }

  tell(
    [step, outcome, reason]: readonly [Step, StepOutcome, HopReason],
    sentence: string,
    { object, path, details = [], rule, remedy }: About = {},
  ): Told {
    const hop: Hop = {
      step,
      outcome,
      reason,
      sentence,
      ...whereOf(this.scene, object, path),
      ...(rule === undefined ? {} : { rule }),
      details,
    };
    return remedy === undefined ? { hop } : { hop, remedy };
  }
}

export function stopped(told: readonly Told[]): boolean {
  return told.some(({ hop }) => hop.outcome === 'stops');
}
