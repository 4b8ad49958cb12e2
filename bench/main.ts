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
  'restart',
  'service-layouts',
  'service-path',
  'dns',
  'ingress',
  'policy',
] as const;

interface BenchModule {
  readonly run: (workbench: Workbench) => Promise<readonly Figure[]>;
}

/** The figures of all that could be measured, and what the others failed with. */
async function runAll(
  names: readonly string[],
): Promise<{ readonly figures: readonly Figure[]; readonly failures: readonly unknown[] }> {
  using workbench = openWorkbench();
  const figures: Figure[] = [];
  const failures: unknown[] = [];
  for (const name of names) {
    console.error(`measuring ${name} ...`);
    const { run } = (await import(`./${name}.ts`)) as BenchModule;
    try {
      figures.push(...(await run(workbench)));
    } catch (error) {
      failures.push(...failuresOf(error));
    }
  }
  return { figures, failures };
}

async function main(args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.filter((name) => !benches.some((bench) => bench === name));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}; there are: ${benches.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const { figures, failures } = await runAll(
    benches.filter((name) => wanted.length === 0 || wanted.includes(name)),
  );
  console.log(args.includes('--json') ? JSON.stringify(figures, null, 2) : formatFigures(figures));
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
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
