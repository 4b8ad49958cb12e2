import { createKernel } from '../src/kernel/index.ts';
import type { Figure } from './figure.ts';
import { measureEnforcement } from './policy/enforced.ts';
import { measureMatrix } from './policy/matrix.ts';
import { measurePaths } from './policy/path.ts';
import type { Workbench } from './workbench.ts';

/** How soon policies hold, what they cost packets and kernels, and how long it takes to say who reaches whom. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const kernel = createKernel();
  return [
    ...(await measureEnforcement(kernel, workbench)),
    ...(await measurePaths(kernel)),
    ...(await measureMatrix()),
  ];
}
