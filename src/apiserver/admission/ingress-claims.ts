import { ingressKind, keyOf, type Ingress } from '../../kube/index.ts';
import { claimsOf } from '../../routes/index.ts';
import type { AdmissionReader } from './contract.ts';

/** More would cost the write of one Ingress too much; its Events tell of all. */
const MOST = 32;

/**
 * Which Ingresses claim a host and path, so that a write need not read all of them: ten thousand, written one by one, would
 * be read fifty million times. It may name one that went or changed while the first ones were read.
 */
export class IngressClaims {
  private readonly reader: AdmissionReader;
  private readonly keys = new Map<string, Set<string>>();
  private loading: Promise<void> | undefined;

  constructor(reader: AdmissionReader) {
    this.reader = reader;
  }

  add(ingress: Ingress): void {
    const key = keyOf(ingress);
    for (const claim of claimsOf(ingress)) {
      const known = this.keys.get(claim) ?? new Set<string>();
      this.keys.set(claim, known.add(key));
    }
  }

  /** Takes back what an Ingress claimed before it was changed or deleted. */
  remove(ingress: Ingress): void {
    const key = keyOf(ingress);
    for (const claim of claimsOf(ingress)) {
      const known = this.keys.get(claim);
      known?.delete(key);
      if (known?.size === 0) this.keys.delete(claim);
    }
  }

  /** Keys of those that may claim what an Ingress does. */
  async near(ingress: Ingress): Promise<readonly string[]> {
    this.loading ??= this.load().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    await this.loading;
    const near = new Set<string>();
    for (const claim of claimsOf(ingress)) {
      for (const key of this.keys.get(claim) ?? []) if (near.size < MOST) near.add(key);
    }
    return [...near];
  }

  private async load(): Promise<void> {
    for (const ingress of await this.reader.list(ingressKind)) this.add(ingress);
  }
}
