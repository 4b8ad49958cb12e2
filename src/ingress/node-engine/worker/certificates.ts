import { createSecureContext, type SecureContext } from 'node:tls';
import { sitesFor, type Certificate, type RouteTable } from '../../../routes/index.ts';

/** TLS contexts by certificate and by the authority that clients' certificates have to come from; made once each. */
export class SecureContexts {
  private readonly made = new WeakMap<Certificate, Map<string, SecureContext>>();

  /** What answers for a name: its own certificate, that of its wildcard, or the fallback. */
  for(table: RouteTable, name: string): SecureContext {
    const sites = sitesFor(table, name).filter(({ host }) => host !== '');
    const certificate =
      sites.find(({ certificate }) => certificate !== undefined)?.certificate ??
      table.fallbackCertificate;
    const ca = sites[0]?.policy.clientCertificate?.ca ?? '';
    const contexts = this.made.get(certificate) ?? new Map<string, SecureContext>();
    this.made.set(certificate, contexts);
    const context = contexts.get(ca) ?? contextOf(certificate, ca);
    contexts.set(ca, context);
    return context;
  }
}

function contextOf({ chain, key }: Certificate, ca: string): SecureContext {
  return createSecureContext({
    cert: chain,
    key,
    ca: ca === '' ? undefined : ca,
    minVersion: 'TLSv1.2',
  });
}
