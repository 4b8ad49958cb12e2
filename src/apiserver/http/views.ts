import type { AnyObject, KubeList } from '../../kube/index.ts';
import type { ServedKind } from '../registry/catalog.ts';
import { partialMetadata, tableOf } from '../table/table.ts';
import type { Environment } from './environment.ts';
import type { Exchange } from './exchange.ts';
import { negotiate, type Negotiated } from './media-type.ts';
import { includeObjectOf } from './options.ts';

/** Where an object is sent, and as what. */
export interface Viewing {
  readonly environment: Environment;
  readonly exchange: Exchange;
  readonly kind: ServedKind;
}

function isStatus(object: AnyObject): boolean {
  return object.kind === 'Status' && object.apiVersion === 'v1';
}

function viewVersion({ viewVersion }: Negotiated): string {
  return `meta.k8s.io/${viewVersion}`;
}

function tableOptions({ exchange, environment }: Viewing, negotiated: Negotiated) {
  return {
    apiVersion: viewVersion(negotiated),
    includeObject: includeObjectOf(exchange),
    now: environment.clock.now(),
    withColumns: true,
  } as const;
}

function viewOfObject(viewing: Viewing, object: AnyObject, negotiated: Negotiated): unknown {
  if (negotiated.view === 'object' || isStatus(object)) return object;
  if (negotiated.view === 'metadata') return partialMetadata(object, viewVersion(negotiated));
  const { definition } = viewing.kind;
  const { resourceVersion = '' } = object.metadata;
  return tableOf(definition, [object], { resourceVersion }, tableOptions(viewing, negotiated));
}

function viewOfList(viewing: Viewing, list: KubeList, negotiated: Negotiated): unknown {
  if (negotiated.view === 'object') return list;
  const { metadata, items } = list;
  if (negotiated.view === 'metadata') {
    const apiVersion = viewVersion(negotiated);
    const partial = items.map((item) => partialMetadata(item, apiVersion));
    return { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: partial };
  }
  const { definition } = viewing.kind;
  return tableOf(definition, items, metadata, tableOptions(viewing, negotiated));
}

/** Sends one object in the form that the client accepts. */
export async function sendObject(
  viewing: Viewing,
  status: number,
  object: AnyObject,
): Promise<void> {
  const negotiated = negotiate(viewing.exchange.accept);
  const view = viewOfObject(viewing, object, negotiated);
  await viewing.exchange.sendValue(status, view, negotiated.encoding);
}

/** Sends a list in the form that the client accepts. */
export async function sendList(viewing: Viewing, list: KubeList): Promise<void> {
  const negotiated = negotiate(viewing.exchange.accept);
  const view = viewOfList(viewing, list, negotiated);
  await viewing.exchange.sendValue(200, view, negotiated.encoding);
}
