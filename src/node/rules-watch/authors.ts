import type { Author } from '../../nft/index.ts';

/** Whoever changes rules in a loop is a new process each time. */
const MOST = 3;

/** Who changed rules since the last repair. */
export class Authors {
  private readonly names = new Set<string>();
  private others = false;

  add({ name, pid }: Author): void {
    // A thread may call itself anything.
    const text = `${name.replaceAll(/[^\x20-\x7e]/g, '?')} (pid ${pid})`;
    if (this.names.size < MOST) this.names.add(text);
    else if (!this.names.has(text)) this.others = true;
  }

  /** `nft (pid 7), iptables (pid 9)`; nobody is known when notifications were lost. */
  get text(): string {
    if (this.names.size === 0) return 'something else';
    return `${[...this.names].join(', ')}${this.others ? ' and others' : ''}`;
  }
}
