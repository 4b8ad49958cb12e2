/** One step of a start, as it begins and as it ends. */
export interface StepEvent {
  /** Stable name: `network`, `store`, `api`... */
  readonly step: string;
  readonly state: 'begin' | 'done';
  /** For people: what is done, or what came of it. */
  readonly text: string;
  /** Of a step that is done. */
  readonly milliseconds?: number;
}

export type OnStep = (event: StepEvent) => void;

/** Runs `work` as a step: tells of its begin and of its end. */
export async function runStep<T>(
  onStep: OnStep,
  step: { readonly name: string; readonly text: string },
  work: () => T | Promise<T>,
): Promise<T> {
  const started = performance.now();
  onStep({ step: step.name, state: 'begin', text: step.text });
  const result = await work();
  const milliseconds = Math.round(performance.now() - started);
  onStep({ step: step.name, state: 'done', text: step.text, milliseconds });
  return result;
}
