import type { AnyObject } from '../../kube/index.ts';
import type { AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from './contract.ts';

/** What all plugins together made of one write; the caller calls exactly one of `undo` and `done`. */
export interface ChainOutcome {
  readonly warnings: readonly string[];
  undo(): void;
  done(written: AnyObject): void;
  /** What the plugins think of the object that was written. */
  advise(written: AnyObject): Promise<readonly string[]>;
}

function undoAll(outcomes: readonly AdmissionOutcome[]): void {
  for (const outcome of outcomes.toReversed()) outcome.undo?.();
}

/**
 * Asks every plugin in order. When one refuses, those before it give back what they reserved, last first,
 * and its error is thrown on.
 */
export class AdmissionChain {
  private readonly plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins;
  }

  /** @throws ApiError of the plugin that refused. */
  async admit(request: AdmissionRequest): Promise<ChainOutcome> {
    const outcomes: AdmissionOutcome[] = [];
    for (const plugin of this.plugins) {
      try {
        const outcome = await plugin.admit(request);
        if (outcome !== undefined) outcomes.push(outcome);
      } catch (error) {
        undoAll(outcomes);
        throw error;
      }
    }
    return {
      warnings: outcomes.flatMap((outcome) => outcome.warnings ?? []),
      undo: () => undoAll(outcomes),
      done: (written) => {
        for (const outcome of outcomes) outcome.done?.(written);
      },
      advise: async (written) => {
        const advised = outcomes.flatMap((outcome) => outcome.advise?.(written) ?? []);
        return (await Promise.all(advised)).flat();
      },
    };
  }
}
