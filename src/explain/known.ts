import type { AnyObject } from '../kube/index.ts';
import { staticSnapshot } from '../snapshot/index.ts';
import { Scene, type Surroundings } from './scene.ts';

/** A question in the words of the command line. */
export interface Question {
  readonly from: string;
  readonly to: string;
}

/** What is known: objects of an API server or of manifests, and what is around them. */
export interface Known extends Surroundings {
  readonly objects: readonly AnyObject[];
}

export function sceneOf({ objects, ...surroundings }: Known): Scene {
  const { namespace } = surroundings;
  return new Scene(staticSnapshot(objects, { namespace }), surroundings);
}
