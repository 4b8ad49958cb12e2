import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { checkRequirements, type Requirement } from './requirements.ts';

describe('checkRequirements', () => {
  test('finds what this machine has, and leaves the thread where it was', () => {
    const before = readlinkSync('/proc/thread-self/ns/net');
    const found = checkRequirements();
    const needed = ['privileges', 'network namespaces', 'veth and bridge links', 'nf_tables'];
    for (const name of needed) {
      const requirement = found.find((one) => one.name === name);
      assert.ok(requirement?.ok, `${name}: ${requirement?.detail}`);
    }
    assert.equal(readlinkSync('/proc/thread-self/ns/net'), before);
  });

  test('says what an ordinary user lacks', () => {
    const program = `
      import { checkRequirements } from ${JSON.stringify(new URL('requirements.ts', import.meta.url).href)};
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      console.log(JSON.stringify(checkRequirements()));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    const found = JSON.parse(output) as Requirement[];
    const [privileges, namespaces] = found;
    assert.deepEqual(privileges, {
      name: 'privileges',
      ok: false,
      detail: 'missing: CAP_NET_ADMIN, CAP_SYS_ADMIN',
      advice: 'Run as root.',
    });
    assert.equal(namespaces?.ok, false);
    assert.match(namespaces?.detail ?? '', /EPERM/);
  });
});
