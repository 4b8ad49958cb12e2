import type { FieldProblem, FieldType, ScalarKind, SchemaName } from './contract.ts';
import { schemaNamed } from './schemas.ts';
import { describeJson, goTypeOf, scalarProblem } from './go-types.ts';

/** A position while walking: the path a person reads, and what Go's decoder names in its errors. */
interface Position {
  readonly path: string;
  /** Field names from the root without indices and map keys: `spec.ports.port`. */
  readonly goPath: string;
  /** The Go struct that holds the value: `ServicePort`. */
  readonly struct: string;
}

const root: Position = { path: '', goPath: '', struct: '' };

function join(left: string, right: string): string {
  return left === '' ? right : `${left}.${right}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(value: unknown, goType: string, at: Position): FieldProblem {
  const target =
    at.struct === ''
      ? `Go value of type ${goType}`
      : `Go struct field ${at.struct}.${at.goPath} of type ${goType}`;
  const message = `json: cannot unmarshal ${describeJson(value)} into ${target}`;
  return { kind: 'type', path: at.path, message };
}

/** Walks a value and its schema together, and collects what decoding would complain of. */
class FieldChecker {
  readonly problems: FieldProblem[] = [];

  value(value: unknown, type: FieldType, at: Position): void {
    // Go's decoder leaves the zero value for null, whatever the type.
    if (value === null || value === undefined) return;
    switch (type.kind) {
      case 'object':
        this.object(value, type.schema, at);
        break;
      case 'array':
        this.array(value, type, at);
        break;
      case 'map':
        this.map(value, type, at);
        break;
      default:
        this.scalar(value, type.kind, at);
    }
  }

  private object(value: unknown, schemaName: SchemaName, at: Position): void {
    const schema = schemaNamed(schemaName);
    if (schema === undefined) return;
    if (!isRecord(value)) {
      this.problems.push(mismatch(value, goTypeOf({ kind: 'object', schema: schemaName }), at));
      return;
    }
    const struct = schemaName.slice(schemaName.lastIndexOf('.') + 1);
    for (const [name, item] of Object.entries(value)) {
      const path = join(at.path, name);
      const field = schema.fields.get(name);
      if (field === undefined) {
        this.problems.push({ kind: 'unknown', path, message: `unknown field "${path}"` });
      } else {
        this.value(item, field.type, { path, goPath: join(at.goPath, name), struct });
      }
    }
  }

  private array(value: unknown, type: FieldType & { kind: 'array' }, at: Position): void {
    if (!Array.isArray(value)) {
      this.problems.push(mismatch(value, goTypeOf(type), at));
      return;
    }
    for (const [index, item] of value.entries()) {
      this.value(item, type.items, { ...at, path: `${at.path}[${index}]` });
    }
  }

  private map(value: unknown, type: FieldType & { kind: 'map' }, at: Position): void {
    if (!isRecord(value)) {
      this.problems.push(mismatch(value, goTypeOf(type), at));
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      this.value(item, type.values, { ...at, path: join(at.path, key) });
    }
  }

  private scalar(value: unknown, kind: ScalarKind, at: Position): void {
    const problem = scalarProblem(value, kind);
    if (problem === undefined) return;
    if (problem === 'mismatch') this.problems.push(mismatch(value, goTypeOf({ kind }), at));
    else this.problems.push({ kind: 'type', path: at.path, message: problem });
  }
}

/**
 * Compares an object with its schema: unknown fields, and values that Kubernetes could not decode. An unknown
 * schema name (a custom resource's) yields nothing.
 */
export function checkFields(schema: SchemaName, object: unknown): FieldProblem[] {
  const checker = new FieldChecker();
  checker.value(object, { kind: 'object', schema }, root);
  return checker.problems;
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Checks what every object has, whatever its kind: apiVersion, kind and metadata. */
export function checkObjectFields(object: unknown): FieldProblem[] {
  if (!isRecord(object)) return [];
  const checker = new FieldChecker();
  const at = (name: string): Position => ({ path: name, goPath: name, struct: 'TypeMeta' });
  checker.value(object['apiVersion'], { kind: 'string' }, at('apiVersion'));
  checker.value(object['kind'], { kind: 'string' }, at('kind'));
  checker.value(object['metadata'], { kind: 'object', schema: objectMeta }, at('metadata'));
  return checker.problems;
}
