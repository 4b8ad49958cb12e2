import type { AddedType } from './additions.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

type Fields = AddedType['fields'];

const typeMeta: Fields = {
  apiVersion: ['string', 'The version of the schema of this object.'],
  kind: ['string', 'The resource that this object represents.'],
};

/** A kind: its own fields beside those of every object. */
export function kindType(description: string, fields: Fields): AddedType {
  const metadata = [`${meta}.ObjectMeta`, 'Standard metadata of an object.'] as const;
  return { description, fields: { ...typeMeta, metadata, ...fields } };
}

/** The list of a kind of the same package. */
export function listType(kind: string): AddedType {
  return {
    description: `A list of ${kind} objects.`,
    fields: {
      ...typeMeta,
      metadata: [`${meta}.ListMeta`, 'Standard metadata of a list.'],
      items: [`[]${kind}!`, 'The objects.'],
    },
  };
}
