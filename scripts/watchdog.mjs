// Loaded into the process of every test file: one that does not end, because a test that failed left something open,
// would hold up the whole run. It is ended after a while, and what kept it is told.
import { isMainThread } from 'node:worker_threads';

const LIMIT_MS = 10 * 60_000;

// The runner itself has no such context, programs that tests start have another script.
const isTestFile =
  process.env.NODE_TEST_CONTEXT !== undefined && process.argv[1]?.endsWith('.test.ts');
if (isMainThread && isTestFile) {
  const end = () => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`${process.argv[1]} did not end: still open are ${open}\n`);
    process.exit(1);
  };
  setTimeout(end, LIMIT_MS).unref();
}
