import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkImmutable } from '../checks.ts';
import { FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, ObjectReference } from '../meta.ts';
import { validateEndpointSlice } from './validate-endpoint-slice.ts';

export interface EndpointConditions {
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
}

export interface Endpoint {
  addresses: string[];
  conditions?: EndpointConditions;
  hostname?: string;
  nodeName?: string;
  zone?: string;
  targetRef?: ObjectReference;
  deprecatedTopology?: Record<string, string>;
  hints?: { forZones?: { name: string }[]; forNodes?: { name: string }[] };
}

export interface EndpointPort {
  name?: string;
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /** Absent means all ports. */
  port?: number;
  appProtocol?: string;
}

export type AddressType = 'IPv4' | 'IPv6' | 'FQDN';

/** `discovery.k8s.io/v1 EndpointSlice`. */
export interface EndpointSlice extends KubeObject {
  addressType: AddressType;
  endpoints: Endpoint[];
  ports?: EndpointPort[];
}

const shown = 3;

/** At most three, then `+ N more...`, as kubectl users know it. */
function listWithMore(texts: readonly string[]): string {
  const listed = texts.slice(0, shown).join(',');
  if (texts.length > shown) return `${listed} + ${texts.length - shown} more...`;
  return listed === '' ? '<unset>' : listed;
}

function portText({ port, name }: EndpointPort): string {
  if (port !== undefined) return String(port);
  return name === undefined || name === '' ? '*' : name;
}

function setDefaults(slice: EndpointSlice): void {
  slice.endpoints ??= [];
  for (const port of slice.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

export const endpointSliceKind: KindDefinition<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('AddressType', 'The family of the addresses.', (slice) => slice.addressType),
    column('Ports', 'The ports of every endpoint.', ({ ports = [] }) =>
      listWithMore(ports.map(portText)),
    ),
    column('Endpoints', 'The addresses.', ({ endpoints }) =>
      listWithMore(endpoints.flatMap(({ addresses }) => addresses)),
    ),
    ageColumn,
  ],
  defaults: setDefaults,
  validate: validateEndpointSlice,
  validateUpdate: (next, previous) =>
    checkImmutable(new FieldPath('addressType'), next.addressType, previous.addressType),
};
