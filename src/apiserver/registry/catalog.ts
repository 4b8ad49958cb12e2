import {
  checkFields,
  type FieldProblem,
  type KindDefinition,
  type Resource,
} from '../../kube/index.ts';
import { dropUnknownFields } from './drop-unknown-fields.ts';
import { fillNullElements, hasNullElement } from './null-elements.ts';

/** One kind as it is served: what the kind says of itself, and how its objects are decoded. */
export interface ServedKind {
  readonly definition: KindDefinition;
  /** The kind that it is another form of; absent for kinds that are stored themselves. */
  readonly stored?: ServedKind;
  /** Custom resources keep nulls, which their schema may allow, and know no strategic merge. */
  readonly isCustom: boolean;
  /** What decoding complains of: unknown fields and values of the wrong type. */
  checkFields(object: unknown): readonly FieldProblem[];
  /** Removes what {@link checkFields} calls unknown, in place. */
  dropUnknown(object: unknown): void;
  /** Puts the zero of its type where an element of a list is null, in place. */
  fillNulls(object: object): void;
}

/** Metadata has the same form in every kind, custom ones too. */
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

export type ResourceAddress = Pick<Resource, 'group' | 'version' | 'plural'>;

function keyOf({ group, version, plural }: ResourceAddress): string {
  return `${group}/${version}/${plural}`;
}

/** How a kind is served: by its own schema when it is custom, else by the built-in one of its name. */
export function servedKind(definition: KindDefinition): ServedKind {
  const { structural, schema, form } = definition;
  if (structural === undefined) {
    return {
      definition,
      ...(form === undefined ? {} : { stored: servedKind(form.of) }),
      isCustom: false,
      checkFields: (object) => checkFields(schema, object),
      dropUnknown: (object) => dropUnknownFields(schema, object),
      fillNulls: (object) => {
        if (hasNullElement(object)) fillNullElements(schema, object);
      },
    };
  }
  return {
    definition,
    isCustom: true,
    checkFields: (object) => structural.checkFields(object),
    dropUnknown: (object) => structural.prune(object),
    fillNulls: ({ metadata }: { metadata?: object }) => {
      if (hasNullElement(metadata)) fillNullElements(objectMeta, metadata ?? {});
    },
  };
}

/** All kinds served now: the built-in ones, which stay, and the custom ones, which come and go. */
export class Catalog {
  private readonly builtIn: readonly ServedKind[];
  private served: readonly ServedKind[] = [];
  private byAddress: ReadonlyMap<string, ServedKind> = new Map();
  private all: readonly KindDefinition[] = [];

  constructor(kinds: readonly KindDefinition[]) {
    this.builtIn = kinds.map(servedKind);
    this.setCustomKinds([]);
  }

  /** Replaces all custom kinds. One that is built in, too, is served as its definition says. */
  setCustomKinds(custom: readonly KindDefinition[]): void {
    const redefined = new Set(custom.map(keyOf));
    const builtIn = this.builtIn.filter(({ definition }) => !redefined.has(keyOf(definition)));
    this.served = [...builtIn, ...custom.map(servedKind)];
    this.byAddress = new Map(this.served.map((kind) => [keyOf(kind.definition), kind]));
    this.all = this.served.map((kind) => kind.definition);
  }

  find(address: ResourceAddress): ServedKind | undefined {
    return this.byAddress.get(keyOf(address));
  }

  kinds(): readonly ServedKind[] {
    return this.served;
  }

  /** In discovery order; a new array whenever the kinds changed. */
  definitions(): readonly KindDefinition[] {
    return this.all;
  }
}
