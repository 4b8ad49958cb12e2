import type { ServiceObject, SkipReason } from './contract.ts';

/** Set on a Service, hands it to another proxy (KEP: service-proxy-name; row 18). */
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
/** Set on a Service that has an address, keeps every proxy away (row 17). */
const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** Why this Service is none of the proxy's, or `undefined` when it is (rows 16, 17, 18). */
export function skipReason({ metadata, spec }: ServiceObject): SkipReason | undefined {
  const labels = metadata.labels ?? {};
  if (spec.type === 'ExternalName') return 'EXTERNAL_NAME';
  if (spec.clusterIP === 'None') return 'HEADLESS';
  if (PROXY_NAME_LABEL in labels) return 'OTHER_PROXY';
  if (HEADLESS_LABEL in labels) return 'HEADLESS_LABEL';
  return (spec.clusterIP ?? '') === '' ? 'NO_CLUSTER_IP' : undefined;
}
