import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, test } from 'node:test';
import { loadContext } from '../client/index.ts';
import { writeAccess } from './access.ts';
import { enterContext, leaveContext } from './contexts.ts';
import { readRecord, writeRecord, type ClusterRecord } from './record.ts';
import { recordOf, TestHome } from './testing/home.ts';

const before = process.env['KUBECONFIG'];
afterEach(() => {
  if (before === undefined) delete process.env['KUBECONFIG'];
  else process.env['KUBECONFIG'] = before;
});

/** A home with a cluster that its certificate authority tells from others. */
function homeWith(authority: string): TestHome {
  const home = new TestHome();
  writeRecord(home.cluster(), recordOf());
  writeAccess(home.cluster(), {
    server: 'https://127.0.0.1:6443',
    certificateAuthority: authority,
    clientCertificate: 'certificate',
    clientKey: 'key',
  });
  return home;
}

function record(home: TestHome): ClusterRecord {
  return readRecord(home.cluster()) ?? recordOf();
}

test('goes into the file of KUBECONFIG that kubectl would take, and out of all of them', async () => {
  using home = homeWith('ours');
  const [first, second] = [join(home.path, 'first'), join(home.path, 'second')];
  writeFileSync(second, 'apiVersion: v1\nkind: Config\ncurrent-context: work\n');
  process.env['KUBECONFIG'] = [first, second].join(delimiter);
  assert.equal(await enterContext(home.cluster(), undefined), second);
  assert.equal(loadContext().name, 'portolan');
  assert.deepEqual(record(home).kubeconfigs, [first, second]);
  delete process.env['KUBECONFIG'];
  await leaveContext(home.cluster(), record(home));
  assert.doesNotMatch(readFileSync(second, 'utf8'), /portolan|127\.0\.0\.1/);
});

test('goes into the file that is named, and is remembered with the others', async () => {
  using home = homeWith('ours');
  process.env['KUBECONFIG'] = join(home.path, 'usual');
  await enterContext(home.cluster(), undefined);
  await enterContext(home.cluster(), join(home.path, 'named'));
  assert.deepEqual(record(home).kubeconfigs, [join(home.path, 'usual'), join(home.path, 'named')]);
  await leaveContext(home.cluster(), record(home));
  for (const file of ['usual', 'named']) {
    assert.doesNotMatch(readFileSync(join(home.path, file), 'utf8'), /portolan/);
  }
});

test("leaves the context of another home's cluster that has taken the name", async () => {
  using ours = homeWith('ours');
  using theirs = homeWith('theirs');
  const file = join(ours.path, 'config');
  await enterContext(ours.cluster(), file);
  await enterContext(theirs.cluster(), file);
  await leaveContext(ours.cluster(), record(ours));
  assert.equal(loadContext({ explicit: file }).options.certificateAuthority, 'theirs');
});
