import type { KubeObject } from '../../kube/index.ts';

function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const child of Object.values(value)) freezeDeep(child);
}

/** Parses an object's JSON into a value that nobody can change; the text must be what {@link encode} wrote. */
export function parseFrozen(text: string): KubeObject {
  const object = JSON.parse(text) as KubeObject;
  freezeDeep(object);
  return object;
}

/** The JSON text of an object as of `revision`: its own resourceVersion is replaced. */
export function encode(object: KubeObject, revision: number): string {
  return JSON.stringify({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(revision) },
  });
}

/** A current object, parsed on first use: most of what a large store loads at start is never read one by one. */
export class Entry {
  readonly revision: number;
  private text: string | undefined;
  private parsed: KubeObject | undefined;

  constructor(revision: number, text: string) {
    this.revision = revision;
    this.text = text;
  }

  get object(): KubeObject {
    if (this.parsed === undefined) {
      this.parsed = parseFrozen(this.text ?? 'null');
      this.text = undefined;
    }
    return this.parsed;
  }
}
