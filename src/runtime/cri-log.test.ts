import { equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openCriLog } from './cri-log.ts';

describe('openCriLog', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'portolan-log-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('writes whole lines with nanoseconds, and appends', () => {
    const path = join(directory, 'pod/web.log');
    for (const text of ['one', 'two\nlines']) {
      const log = openCriLog(path, 1000);
      log.write(text);
      log.close();
    }
    const [first = '', second = '', end] = readFileSync(path, 'utf8').split('\n');
    match(first, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\+00:00 stdout F one$/);
    match(second, / stdout F two\\nlines$/);
    equal(end, '');
  });

  it('begins anew under the same name when it grows too large', () => {
    const path = join(directory, 'small.log');
    const log = openCriLog(path, 200);
    for (let line = 0; line < 50; line += 1) log.write(`line ${line}`);
    log.close();
    const text = readFileSync(path, 'utf8');
    ok(text.length <= 200);
    match(text, /line 49\n$/);
    ok(!readdirSync(directory).includes('small.log.new'));
  });
});
