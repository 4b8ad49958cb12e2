import { createHash } from 'node:crypto';
import { badRequest, forgetDescriptions, type KindDefinition } from '../../kube/index.ts';
import type { OpenApi, OpenApiDocument, OpenApiOptions } from './contract.ts';
import { buildV2 } from './document-v2.ts';
import { buildV3 } from './document-v3.ts';
import { encodeGnosticV2 } from './gnostic-v2.ts';
import { basePath } from './operations.ts';

const json = 'application/json';
/** Without the `@` that clients write before the version: RFC 7231 does not allow it in a media type. */
const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function hashOf(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').toUpperCase();
}

function documentOf(body: Uint8Array, contentType: string): OpenApiDocument {
  return { body, contentType, etag: `"${hashOf(body)}"` };
}

function jsonDocument(value: unknown): OpenApiDocument {
  return documentOf(Buffer.from(JSON.stringify(value)), json);
}

/** Kinds by where they are served: `api/v1`, `apis/apps/v1`. */
function byGroupVersion(kinds: readonly KindDefinition[]): Map<string, KindDefinition[]> {
  return Map.groupBy(kinds, (kind) => basePath(kind).slice(1));
}

/** What the documents of one group version depend on, cheaper to hash than to build. */
function fingerprint(kinds: readonly KindDefinition[], version: string): string {
  const facts = kinds.map(({ kind, plural, schema, namespaced, hasStatus, scale, structural }) => [
    kind,
    plural,
    schema,
    namespaced,
    hasStatus,
    scale !== undefined,
    structural?.document,
  ]);
  return hashOf(version, JSON.stringify(facts));
}

/** The documents of one set of kinds. */
class DocumentSet {
  private readonly kinds: readonly KindDefinition[];
  private readonly version: string;
  private readonly groups: Map<string, KindDefinition[]>;
  private readonly built = new Map<string, OpenApiDocument>();

  constructor(kinds: readonly KindDefinition[], version: string) {
    this.kinds = kinds;
    this.version = version;
    this.groups = byGroupVersion(kinds);
  }

  index(): OpenApiDocument {
    return this.once('index', () => {
      const entries = [...this.groups].map(([path, kinds]) => {
        const hash = fingerprint(kinds, this.version);
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
      });
      return jsonDocument({ paths: Object.fromEntries(entries) as unknown });
    });
  }

  groupVersion(path: string): OpenApiDocument | undefined {
    const kinds = this.groups.get(path);
    if (kinds === undefined) return undefined;
    return this.once(`v3 ${path}`, () => jsonDocument(buildV3(kinds, this.version)));
  }

  v2(format: 'json' | 'protobuf'): OpenApiDocument {
    return this.once(`v2 ${format}`, () => {
      const document = buildV2(this.kinds, this.version);
      if (format === 'json') return jsonDocument(document);
      return documentOf(encodeGnosticV2(document), protobuf);
    });
  }

  private once(key: string, build: () => OpenApiDocument): OpenApiDocument {
    const known = this.built.get(key);
    if (known !== undefined) return known;
    const document = build();
    forgetDescriptions();
    this.built.set(key, document);
    return document;
  }
}

function formatOf(accept: string): 'json' | 'protobuf' {
  if (accept.includes('proto-openapi.spec.v2')) return 'protobuf';
  if (accept === '' || /\*\/\*|application\/(json|\*)/.test(accept)) return 'json';
  throw badRequest(`OpenAPI v2 is served as JSON and as protobuf, not as ${accept}`);
}

/** Makes the documents of one API server: built when first asked for, kept until the kinds change. */
export function createOpenApi(options: OpenApiOptions): OpenApi {
  let current: { kinds: readonly KindDefinition[]; documents: DocumentSet } | undefined;
  const documents = (): DocumentSet => {
    const kinds = options.kinds();
    if (current?.kinds !== kinds) {
      current = { kinds, documents: new DocumentSet(kinds, options.version) };
    }
    return current.documents;
  };
  return {
    index: () => documents().index(),
    groupVersion: (path) => documents().groupVersion(path),
    v2: (accept) => documents().v2(formatOf(accept)),
  };
}
