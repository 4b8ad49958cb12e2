// Prints every *.test.ts under the given files and folders, one a line. Runs on Node 24 (fs.globSync).
import { globSync, statSync } from 'node:fs';

for (const path of process.argv.slice(2)) {
  if (statSync(path).isFile()) console.log(path);
  else {
    const found = globSync(`${path}/**/*.test.ts`).filter((file) => !file.includes('/fixtures/'));
    for (const file of found.sort()) console.log(file);
  }
}
