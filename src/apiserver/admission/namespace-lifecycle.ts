import {
  ApiError,
  namespaceKind,
  notFound,
  qualifiedName,
  forbidden,
  type Namespace,
} from '../../kube/index.ts';
import type { AdmissionPlugin, AdmissionReader, AdmissionRequest } from './contract.ts';
import { isKind } from './requests.ts';

/** Deleting these would take the cluster's own parts away. */
const immortal = new Set(['default', 'kube-system', 'kube-public']);

function isTerminating({ metadata, status }: Namespace): boolean {
  return metadata.deletionTimestamp !== undefined || status?.phase === 'Terminating';
}

/** The error that controllers recognise by its cause, and then stop creating. */
function terminating({ kind, name }: AdmissionRequest, namespace: string): ApiError {
  const named = name === '' ? qualifiedName(kind) : `${qualifiedName(kind)} "${name}"`;
  return new ApiError(
    'Forbidden',
    `${named} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      name,
      group: kind.group,
      kind: kind.plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );
}

/** Lets objects into namespaces that exist and stay, and keeps the cluster's own namespaces from being deleted. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  private readonly reader: AdmissionReader;

  constructor(reader: AdmissionReader) {
    this.reader = reader;
  }

  async admit(request: AdmissionRequest): Promise<undefined> {
    if (isKind(request, namespaceKind)) {
      if (request.operation === 'DELETE' && immortal.has(request.name)) {
        throw forbidden(request.kind, request.name, 'this namespace may not be deleted');
      }
      return;
    }
    const { namespace } = request;
    if (request.operation !== 'CREATE' || namespace === undefined) return;
    const found = await this.reader.get(namespaceKind, { name: namespace });
    if (found === undefined) throw notFound(namespaceKind, namespace);
    if (isTerminating(found)) throw terminating(request, namespace);
  }
}
