import type { NamesConfig } from '../../names/index.ts';
import type { Page, Pages } from '../../metrics/index.ts';

/** What a server says of itself over HTTP. */
export interface ServerState {
  isSynced(): boolean;
  /** It was told to end; it answers still. */
  isEnding(): boolean;
  metricsText(): string;
}

/** The HTTP pages that a configuration asks for, by port. */
export function pagesOf({ blocks }: NamesConfig, state: ServerState): Map<number, Pages> {
  const health: Page = () => ({ status: 200, text: 'OK' });
  const ready: Page = () => {
    if (state.isEnding()) return { status: 503, text: 'ending' };
    return state.isSynced() ? { status: 200, text: 'OK' } : { status: 503, text: 'kubernetes' };
  };
  const metrics: Page = () => ({ status: 200, text: state.metricsText() });
  const byPort = new Map<number, Pages>();
  const add = (port: number | undefined, path: string, page: Page): void => {
    if (port !== undefined) byPort.set(port, { ...byPort.get(port), [path]: page });
  };
  for (const block of blocks) {
    add(block.health?.port, '/health', health);
    add(block.ready?.port, '/ready', ready);
    add(block.prometheus?.port, '/metrics', metrics);
  }
  return byPort;
}

/** How long a server goes on after it was told to end: the longest that a block wants. */
export function lameduckOf({ blocks }: NamesConfig): number {
  return Math.max(0, ...blocks.map(({ health }) => health?.lameduckMs ?? 0));
}
