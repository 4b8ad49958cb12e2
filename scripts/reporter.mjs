// The test reporter: failures in full, skips with their reason, and the suite's totals, also to descriptor 3 for
// scripts/test.mjs. In CI a skip is a failure: what a machine cannot test must be seen, not scrolled past.
import { writeSync } from 'node:fs';
import { relative } from 'node:path';

const inCi = process.env.CI === 'true';
const TOTALS = 3;

function where(data) {
  return data.file === undefined
    ? data.name
    : `${relative(process.cwd(), data.file)}: ${data.name}`;
}

function explain(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause?.message ?? cause)
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/** The parent of failed tests fails with them: it is no failure of its own, as that of a suite's hook is. */
function isOnlyParent({ details }) {
  return details?.error?.failureType === 'subtestsFailed';
}

function tellTotals(totals) {
  if (process.env.PORTOLAN_TOTALS === undefined) return;
  writeSync(TOTALS, JSON.stringify(totals));
}

export default async function* reporter(source) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    if (type === 'test:pass' && data.details?.type !== 'suite') {
      if (data.skip === undefined) totals.passed += 1;
      else {
        totals.skipped += 1;
        yield `skipped ${where(data)}: ${data.skip === true ? 'no reason given' : data.skip}\n`;
      }
    } else if (type === 'test:fail') {
      if (isOnlyParent(data)) continue;
      totals.failed += 1;
      yield `FAILED ${where(data)}\n${explain(data.details?.error)}\n`;
    } else if (type === 'test:stderr') yield `  ${data.message}`;
  }
  if (inCi && totals.skipped > 0) {
    totals.failed += totals.skipped;
    process.exitCode = 1;
    yield `${totals.skipped} skipped tests fail in CI\n`;
  }
  tellTotals(totals);
}
