import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { availableCapabilities, containerCapabilities } from './capabilities.ts';
import { detectCgroups, removeCgroup, wasOutOfMemory } from './cgroups.ts';
import { openFilesLimit } from './config.ts';
import { runcMessage } from './runc.ts';
import { defaultSeccompProfile } from './seccomp.ts';
import { signalNumber } from './signals.ts';
import { resolveUser } from './user.ts';

const none = { privileged: false, addCapabilities: [], dropCapabilities: [] };
const everything = availableCapabilities(
  'CapPrm:\t000001ffffffffff\nCapEff:\t0\nCapBnd:\t000001ffffffffff\n',
);

describe('containerCapabilities', () => {
  it('gives the fourteen of the engines', () => {
    equal(containerCapabilities(none, everything).length, 14);
  });

  it('understands ALL and the prefix', () => {
    equal(containerCapabilities({ ...none, addCapabilities: ['ALL'] }, everything).length, 41);
    deepEqual(containerCapabilities({ ...none, dropCapabilities: ['all'] }, everything), []);
    const both = { addCapabilities: ['ALL'], dropCapabilities: ['CAP_SYS_ADMIN'] };
    ok(!containerCapabilities({ ...none, ...both }, everything).includes('CAP_SYS_ADMIN'));
    const only = { addCapabilities: ['CAP_CHOWN'], dropCapabilities: ['ALL'] };
    deepEqual(containerCapabilities({ ...none, ...only }, everything), ['CAP_CHOWN']);
  });

  it('never gives what this process lacks', () => {
    const few = availableCapabilities('CapPrm:\t1\nCapBnd:\tff\n');
    deepEqual(containerCapabilities({ ...none, privileged: true }, few), ['CAP_CHOWN']);
  });
});

describe('defaultSeccompProfile', () => {
  const allowed = (capabilities: readonly string[]): Set<string> => {
    const rules = defaultSeccompProfile(capabilities, 'x64')?.syscalls ?? [];
    return new Set(
      rules
        .filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined)
        .flatMap(({ names }) => names),
    );
  };

  it('allows by default what programs need and not what changes the machine', () => {
    const names = allowed([]);
    for (const name of ['read', 'execve', 'openat', 'arch_prctl']) ok(names.has(name), name);
    const refused = [
      'mount',
      'setns',
      'unshare',
      'bpf',
      'reboot',
      'keyctl',
      'io_uring_setup',
      'clone',
    ];
    for (const name of refused) ok(!names.has(name), name);
  });

  it('opens more with capabilities', () => {
    ok(allowed(['CAP_SYS_ADMIN']).has('mount'));
    ok(allowed(['CAP_SYS_TIME']).has('clock_settime'));
  });

  it('has none for machines it is not written for', () => {
    equal(defaultSeccompProfile([], 'mips'), undefined);
  });
});

describe('signalNumber', () => {
  for (const [name, number] of [
    ['SIGTERM', 15],
    ['QUIT', 3],
    ['9', 9],
    ['SIGRTMIN+3', 37],
    ['nonsense', 15],
  ] as const) {
    it(`${name} is ${number}`, () => equal(signalNumber(name), number));
  }
});

describe('runcMessage', () => {
  it('reads logfmt, JSON and plain text', () => {
    equal(
      runcMessage('time="x" level=error msg="exec: \\"a\\": not found"\n'),
      'exec: "a": not found',
    );
    equal(runcMessage('{"level":"warning","msg":"w"}\n{"level":"error","msg":"e"}\n'), 'e');
    equal(runcMessage('plain words\n'), 'plain words');
  });
});

describe('openFilesLimit', () => {
  it('is the hard limit, at most that of the engines', () => {
    equal(
      openFilesLimit('Max open files            1024                 4096                 files'),
      4096,
    );
    equal(
      openFilesLimit('Max open files            1024                 2000000              files'),
      1_048_576,
    );
  });
});

describe('resolveUser', () => {
  let rootfs: string;
  before(() => {
    rootfs = mkdtempSync(join(tmpdir(), 'portolan-user-'));
    mkdirSync(join(rootfs, 'real'));
    // Following the link must not lead to the machine's own /real.
    symlinkSync('/real', join(rootfs, 'etc'));
    writeFileSync(join(rootfs, 'real/passwd'), 'root:x:0:0::/:\nweb:x:33:34::/:\n');
    writeFileSync(join(rootfs, 'real/group'), 'root:x:0:\nweb:x:34:\nlogs:x:50:web,other\n');
  });
  after(() => rmSync(rootfs, { recursive: true, force: true }));
  const plain = { supplementalGroups: [] };

  it('takes names and memberships from the image', () => {
    deepEqual(resolveUser(rootfs, '', plain), { uid: 0, gid: 0, additionalGids: [] });
    deepEqual(resolveUser(rootfs, 'web', plain), { uid: 33, gid: 34, additionalGids: [50] });
    deepEqual(resolveUser(rootfs, '33:logs', plain), { uid: 33, gid: 50, additionalGids: [] });
    deepEqual(resolveUser(rootfs, '77', plain), { uid: 77, gid: 0, additionalGids: [] });
  });

  it('lets the pod decide', () => {
    const security = { runAsUser: 33, runAsGroup: 7, supplementalGroups: [8, 50] };
    deepEqual(resolveUser(rootfs, '0:0', security), { uid: 33, gid: 7, additionalGids: [50, 8] });
    deepEqual(resolveUser(rootfs, 'web:logs', { ...plain, runAsUser: 5 }), {
      uid: 5,
      gid: 0,
      additionalGids: [],
    });
  });

  it('says which name is unknown', () => {
    throws(() => resolveUser(rootfs, 'nobody', plain), {
      code: 'CONTAINER_CANNOT_RUN',
      message: /unable to find user nobody: no matching entries in passwd file/,
    });
    throws(() => resolveUser(rootfs, 'web:none', plain), /unable to find group none/);
  });
});

describe('detectCgroups', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'portolan-cgroups-'));
    for (const name of ['devices', 'memory', 'unified', 'v2']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'unified/cgroup.controllers'), '\n');
    writeFileSync(join(directory, 'v2/cgroup.controllers'), 'cpuset cpu io memory pids\n');
  });
  after(() => rmSync(directory, { recursive: true, force: true }));
  const v1 = (name: string): string =>
    `30 20 0:30 / ${directory}/${name} rw,relatime - cgroup cgroup rw,${name}\n`;
  const v2 = (name: string): string =>
    `31 20 0:31 / ${directory}/${name} rw - cgroup2 cgroup2 rw\n`;

  it('knows the hybrid layout', () => {
    const found = detectCgroups('mine', v1('devices') + v1('memory') + v2('unified'));
    equal(found.version, 'v1');
    equal(found.hasMemory, true);
    equal(found.hasCpu, false);
    match(found.limitation ?? '', /cpu limits are ignored/);
    deepEqual(removeCgroup(found, '/mine'), []);
    deepEqual(readdirSync(join(directory, 'memory')), []);
  });

  it('knows the unified layout, and an OOM kill there', () => {
    const found = detectCgroups('mine', v2('v2'));
    deepEqual(
      [found.version, found.hasMemory, found.hasCpu, found.limitation],
      ['v2', true, true, undefined],
    );
    const events = join(directory, 'v2/mine/memory.events');
    writeFileSync(events, 'oom 3\noom_kill 0\n');
    equal(wasOutOfMemory(found, '/mine'), false);
    writeFileSync(events, 'oom 3\noom_kill 1\n');
    equal(wasOutOfMemory(found, '/mine'), true);
  });

  it('does without', () => {
    match(detectCgroups('mine', '').limitation ?? '', /no cgroup file system is mounted/);
    match(detectCgroups('mine', v1('memory')).limitation ?? '', /no devices controller/);
    match(detectCgroups('mine', v2('v2/cgroup.controllers')).limitation ?? '', /read-only/);
  });
});
