// Runs the benchmarks: all, or those named; `--json` for programs.
import { formatFigures, type Figure } from './figure.ts';
import { openWorkbench } from './workbench.ts';

/** Name to module; each measures against a cluster of its own and cleans up. */
const benches = ['start', 'pods', 'memory', 'network', 'services'] as const;

interface BenchModule {
  run(workbench: Awaited<ReturnType<typeof openWorkbench>>): Promise<readonly Figure[]>;
}

async function main(args: readonly string[]): Promise<void> {
  const isJson = args.includes('--json');
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.filter((name) => !benches.some((bench) => bench === name));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}; there are: ${benches.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const workbench = await openWorkbench();
  const figures: Figure[] = [];
  try {
    for (const name of benches) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      console.error(`measuring ${name} ...`);
      const { run } = (await import(`./${name}.ts`)) as BenchModule;
      figures.push(...(await run(workbench)));
    }
  } finally {
    await workbench.close();
  }
  console.log(isJson ? JSON.stringify(figures, null, 2) : formatFigures(figures));
}

await main(process.argv.slice(2));
