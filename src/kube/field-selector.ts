import { badRequest } from './api-error.ts';
import type { KindDefinition } from './kind.ts';
import type { KubeObject } from './meta.ts';

/** One term of a field selector: `spec.nodeName=node1` or `status.phase!=Running`. */
export interface FieldTerm {
  readonly field: string;
  readonly value: string;
  readonly isNegated: boolean;
}

/** Splits at `separator`, except where a backslash escapes it. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts = [''];
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (character === separator) {
      parts.push('');
      continue;
    }
    const taken = character === '\\' ? text.slice(position, position + 2) : character;
    parts[parts.length - 1] += taken;
    position += taken.length - 1;
  }
  return parts;
}

function parseTerm(text: string): FieldTerm {
  const match = /^(?<field>[^=!]*)(?<operator>!=|==|=)(?<value>.*)$/s.exec(text);
  const { field = '', operator = '', value = '' } = match?.groups ?? {};
  if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  return {
    field: field.trim(),
    value: unescapeValue(value, text),
    isNegated: operator === '!=',
  };
}

function unescapeValue(value: string, whole: string): string {
  return value.replaceAll(/\\(.?)/gs, (_, escaped: string) => {
    if (escaped !== '' && '\\,='.includes(escaped)) return escaped;
    throw badRequest(`invalid selector: '${whole}'; invalid escape sequence '\\${escaped}'`);
  });
}

/**
 * Parses what `kubectl --field-selector` sends; commas join terms that must all hold.
 * @throws ApiError `BadRequest`
 */
export function parseFieldSelector(text: string): FieldTerm[] {
  return splitUnescaped(text, ',')
    .filter((term) => term.trim() !== '')
    .map(parseTerm);
}

type FieldReader<T> = (object: T) => string;

const commonFields: Readonly<Record<string, FieldReader<KubeObject>>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

function readerOf<T extends KubeObject>(
  kind: Pick<KindDefinition<T>, 'fields' | 'namespaced'>,
  field: string,
): FieldReader<T> {
  const { fields = {} } = kind;
  const table = Object.hasOwn(fields, field) ? fields : commonFields;
  const reader = Object.hasOwn(table, field) ? table[field] : undefined;
  if (reader !== undefined) return reader;
  throw badRequest(
    kind.fields === undefined
      ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${field}`,
  );
}

/**
 * Compiles a field selector for one kind.
 * @throws ApiError `BadRequest` for a text that does not parse and for a field the kind does not offer.
 */
export function compileFieldSelector<T extends KubeObject>(
  kind: Pick<KindDefinition<T>, 'fields' | 'namespaced'>,
  text: string,
): (object: T) => boolean {
  const terms = parseFieldSelector(text).map(({ field, value, isNegated }) => {
    const read = readerOf(kind, field);
    return (object: T) => (read(object) === value) !== isNegated;
  });
  return (object) => terms.every((term) => term(object));
}
