import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { figureOf, median, type Figure } from '../figure.ts';

const bench = 'policy';
const ROUNDS = 5;
const program = fileURLToPath(new URL('matrix-once.ts', import.meta.url));
const execute = promisify(execFile);

const scales = [
  { pods: 1000, policies: 100, seconds: 0.2 },
  { pods: 10_000, policies: 1000, seconds: 2 },
] as const;

interface Outcome {
  readonly seconds: number;
  readonly bytes: number;
}

async function once(pods: number, policies: number): Promise<Outcome> {
  const args = [program, String(pods), String(policies)];
  return JSON.parse((await execute(process.execPath, args)).stdout) as Outcome;
}

/** All cells of a matrix, each time in a fresh process, and the memory that it takes. */
export async function measureMatrix(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { pods, policies, seconds: bound } of scales) {
    const outcomes: Outcome[] = [];
    for (let round = 0; round < ROUNDS; round += 1) outcomes.push(await once(pods, policies));
    const at = `${pods.toLocaleString('en')} pods x ${policies.toLocaleString('en')} policies`;
    figures.push(
      figureOf({
        bench,
        figure: `matrix of ${at}`,
        value: median(outcomes.map(({ seconds }) => seconds)),
        unit: 's',
        aim: { of: 'value', compare: '<=', bound },
      }),
      figureOf({
        bench,
        figure: `memory of the matrix of ${at}`,
        value: median(outcomes.map(({ bytes }) => bytes)) / 1e6,
        unit: 'MB',
      }),
    );
  }
  return figures;
}
