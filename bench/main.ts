// Runs the benchmarks: all, or those named; `--json` for programs.
import { formatFigures, type Figure } from './figure.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** Name to module; each measures against clusters of its own and cleans up. */
const benches = [
  'start',
  'pods',
  'memory',
  'network',
  'services',
  'service-layouts',
  'service-path',
  'dns',
] as const;

interface BenchModule {
  readonly run: (workbench: Workbench) => Promise<readonly Figure[]>;
}

async function runAll(names: readonly string[]): Promise<Figure[]> {
  using workbench = openWorkbench();
  const figures: Figure[] = [];
  for (const name of names) {
    console.error(`measuring ${name} ...`);
    const { run } = (await import(`./${name}.ts`)) as BenchModule;
    figures.push(...(await run(workbench)));
  }
  return figures;
}

async function main(args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.filter((name) => !benches.some((bench) => bench === name));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}; there are: ${benches.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const figures = await runAll(
    benches.filter((name) => wanted.length === 0 || wanted.includes(name)),
  );
  console.log(args.includes('--json') ? JSON.stringify(figures, null, 2) : formatFigures(figures));
}

/** What failed first, then what failed while cleaning up after it. */
function failuresOf(error: unknown): unknown[] {
  return error instanceof SuppressedError
    ? [...failuresOf(error.suppressed), ...failuresOf(error.error)]
    : [error];
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  for (const failure of failuresOf(error)) console.error(failure);
  process.exitCode = 1;
}
