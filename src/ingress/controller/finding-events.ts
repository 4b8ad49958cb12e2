import type { EventRecorder } from '../../client/index.ts';
import type { Ingress } from '../../kube/index.ts';
import { summariseFindings, type Finding } from '../../routes/index.ts';

/** `HOST_PATH_CONFLICT` as reasons of Events are written. */
function reasonOf(code: string): string {
  return code
    .split('_')
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join('');
}

/** What was told of one Ingress, and the version that was last taken on. */
interface Told {
  ingress?: Ingress;
  synced: string;
  findings: Set<string>;
}

/** Tells authors, by Events on their Ingresses, what the controller did and found: each thing once, until it is gone. */
export class FindingEvents {
  private readonly events: EventRecorder;
  private readonly told = new Map<string, Told>();

  constructor(events: EventRecorder) {
    this.events = events;
  }

  /** A compilation: which Ingresses are the controller's, and what came to light about any. */
  tell(
    ingresses: ReadonlyMap<string, Ingress>,
    own: ReadonlySet<string>,
    findings: readonly Finding[],
  ): void {
    const byIngress = Map.groupBy(findings, ({ ingress }) => ingress);
    for (const [key, ingress] of ingresses) {
      const found = byIngress.get(key) ?? [];
      if (own.has(key) || found.length > 0)
        this.tellOne(key, ingress, { isOwn: own.has(key), found });
      else this.told.delete(key);
    }
    for (const key of this.told.keys()) if (!ingresses.has(key)) this.told.delete(key);
  }

  private tellOne(
    key: string,
    ingress: Ingress,
    { isOwn, found }: { isOwn: boolean; found: readonly Finding[] },
  ): void {
    const told = this.told.get(key) ?? { synced: '', findings: new Set<string>() };
    // One of thousands that did not change, of which there is nothing to tell: the common case by far.
    if (told.ingress === ingress && isOwn && found.length + told.findings.size === 0) return;
    this.told.set(key, told);
    if (isOwn) told.ingress = ingress;
    else delete told.ingress;
    const version = `${ingress.metadata.uid} ${ingress.metadata.generation ?? 0}`;
    if (isOwn && told.synced !== version) {
      told.synced = version;
      this.events.event(ingress, { type: 'Normal', reason: 'Sync', message: 'Scheduled for sync' });
    }
    const summary = summariseFindings(found);
    const now = new Set(summary.map(({ code, message }) => `${code} ${message}`));
    for (const { code, field, message } of summary) {
      if (told.findings.has(`${code} ${message}`)) continue;
      this.events.event(ingress, {
        type: 'Warning',
        reason: reasonOf(code),
        message: `${field}: ${message}`,
      });
    }
    told.findings = now;
  }
}
