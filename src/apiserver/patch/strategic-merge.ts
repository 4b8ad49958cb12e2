import {
  schemaNamed,
  type FieldType,
  type SchemaField,
  type SchemaName,
} from '../../kube/index.ts';
import { badDirective, missingMergeKey, mixedList, unknownField } from './errors.ts';
import { hasKey, isJsonObject, setKey, type JsonObject } from './json.ts';
import { isSameElement, orderMerged } from './list-order.ts';
import {
  deletePrefix,
  dropDirectives,
  orderPrefix,
  retainKeys,
  takeDirective,
  validateOrder,
} from './directives.ts';

/**
 * Strategic merge patch, as `apimachinery/pkg/util/strategicpatch` does it on the server: objects merge, lists of
 * fields with `patchStrategy: merge` merge by key, other lists replace, directives say otherwise.
 */

/** What is known of one field; a field below free JSON has no schema and no strategy. */
interface FieldRules {
  readonly schema: SchemaName | undefined;
  readonly strategies: readonly string[];
  readonly mergeKey: string;
}

const freeJson: FieldRules = { schema: undefined, strategies: [], mergeKey: '' };

function elementSchema(type: FieldType): SchemaName | undefined {
  if (type.kind === 'array') return elementSchema(type.items);
  return type.kind === 'object' ? type.schema : undefined;
}

function rulesOf(schema: SchemaName | undefined, name: string): FieldRules {
  const fields = schema === undefined ? undefined : schemaNamed(schema)?.fields;
  if (schema === undefined || fields === undefined) return freeJson;
  const field: SchemaField | undefined = fields.get(name);
  if (field === undefined) throw unknownField(schema, name);
  return {
    schema: elementSchema(field.type),
    strategies: field.patchStrategy?.split(',') ?? [],
    mergeKey: field.patchMergeKey ?? '',
  };
}

/** Merges `patch` into `original`, both private, and returns the result. */
export function mergeObject(
  original: JsonObject,
  patch: JsonObject,
  schema: SchemaName | undefined,
): JsonObject {
  const directive = takeDirective(patch);
  if (directive === 'replace') return dropDirectives(patch) as JsonObject;
  if (directive === 'delete') return {};
  if (directive !== undefined) throw badDirective(directive, patch);
  retainKeys(original, patch);
  mergeOrderedLists(original, patch, schema);
  for (const [key, value] of Object.entries(patch)) mergeField({ original, key, value, schema });
  return original;
}

interface FieldMerge {
  readonly original: JsonObject;
  readonly key: string;
  readonly value: unknown;
  readonly schema: SchemaName | undefined;
}

function mergeField({ original, key, value, schema }: FieldMerge): void {
  if (key.startsWith(deletePrefix)) {
    deleteFromList(original, key.slice(deletePrefix.length), value);
    return;
  }
  if (value === null) {
    delete original[key];
    return;
  }
  const current = hasKey(original, key) ? original[key] : undefined;
  if (isJsonObject(current) && isJsonObject(value)) {
    const rules = rulesOf(schema, key);
    if (rules.strategies.includes('replace')) replaceField(original, key, value);
    else setKey(original, key, mergeObject(current, value, rules.schema));
  } else if (Array.isArray(current) && Array.isArray(value)) {
    setKey(original, key, mergeList(current, value, rulesOf(schema, key)));
  } else {
    replaceField(original, key, value);
  }
}

function replaceField(original: JsonObject, key: string, value: unknown): void {
  const kept = dropDirectives(value);
  if (kept === undefined) delete original[key];
  else setKey(original, key, kept);
}

function deleteFromList(original: JsonObject, key: string, value: unknown): void {
  const current = original[key];
  if (!Array.isArray(value)) throw badDirective(`${deletePrefix}${key}`, original);
  if (Array.isArray(current))
    setKey(
      original,
      key,
      current.filter((item) => !value.includes(item)),
    );
}

function mergeList(original: unknown[], patch: unknown[], rules: FieldRules): unknown[] {
  if (!rules.strategies.includes('merge')) return dropDirectives(patch) as unknown[];
  const all = [...original, ...patch];
  if (all.every((item) => !isJsonObject(item))) {
    const merged = [...new Set(all)];
    return orderMerged({ merged, patchOrder: patch, serverOrder: original, mergeKey: '' });
  }
  if (!all.every(isJsonObject)) throw mixedList();
  return mergeKeyedList(original as JsonObject[], patch as JsonObject[], rules);
}

function mergeKeyedList(original: JsonObject[], patch: JsonObject[], rules: FieldRules): unknown[] {
  const { mergeKey, schema } = rules;
  const { kept, plain, replace } = splitSpecial(original, patch, mergeKey);
  if (replace) return dropDirectives(plain) as unknown[];
  const merged = [...kept];
  for (const item of plain) {
    if (!hasKey(item, mergeKey)) throw missingMergeKey(item, mergeKey);
    const at = merged.findIndex((entry) => isSameElement(entry, item, mergeKey));
    const current = merged[at];
    if (current === undefined) merged.push(dropDirectives(item) as JsonObject);
    else merged[at] = mergeObject(current, structuredClone(item), schema);
  }
  return orderMerged({ merged, patchOrder: plain, serverOrder: kept, mergeKey });
}

/** Separates elements that carry `$patch`: deletions happen at once, one `replace` replaces the whole list. */
function splitSpecial(
  original: JsonObject[],
  patch: JsonObject[],
  mergeKey: string,
): { kept: JsonObject[]; plain: JsonObject[]; replace: boolean } {
  let kept = original;
  let replace = false;
  const plain: JsonObject[] = [];
  for (const item of patch) {
    const directive = item['$patch'];
    if (directive === undefined) {
      plain.push(item);
    } else if (directive === 'delete') {
      if (!hasKey(item, mergeKey)) throw missingMergeKey(item, mergeKey);
      kept = kept.filter((entry) => !isSameElement(entry, item, mergeKey));
    } else if (directive === 'replace') {
      replace = true;
    } else {
      throw badDirective(directive, item);
    }
  }
  return { kept, plain, replace };
}

/** Handles every `$setElementOrder/FIELD` together with the list it orders, and takes both from the patch. */
function mergeOrderedLists(
  original: JsonObject,
  patch: JsonObject,
  schema: SchemaName | undefined,
): void {
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    delete patch[key];
    const name = key.slice(orderPrefix.length);
    if (!Array.isArray(order)) throw badDirective(key, patch);
    const current = original[name];
    const added = patch[name];
    if (!Array.isArray(current) && !Array.isArray(added)) continue;
    const rules = rulesOf(schema, name);
    const additions = Array.isArray(added) ? added : [];
    validateOrder(additions, order, rules.mergeKey);
    const serverOrder = Array.isArray(current) ? [...current] : [];
    const merged = Array.isArray(current)
      ? mergeUnlessAbsent(current, added, rules)
      : (dropDirectives(additions) as unknown[]);
    const { mergeKey } = rules;
    setKey(original, name, orderMerged({ merged, patchOrder: order, serverOrder, mergeKey }));
    delete patch[name];
  }
}

function mergeUnlessAbsent(current: unknown[], added: unknown, rules: FieldRules): unknown[] {
  return Array.isArray(added) ? mergeList(current, added, rules) : current;
}
