import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../fault/index.ts';
import type { ResolvedImage } from '../runtime.ts';
import { publishDirectory } from './publish-directory.ts';
import { giveTimeouts, hasWgetTimeout } from './wget-script.ts';

/** Changes when the file system below is made differently: part of the image's id. */
const recipe = 'busybox rootfs 4';

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;

const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
wheel:x:10:root
mail:x:8:
www-data:x:33:
operator:x:37:
users:x:100:
nogroup:x:65534:
`;

/** Directories, with the modes that are not 0755. */
const directories: Readonly<Record<string, number>> = {
  bin: 0o755,
  sbin: 0o755,
  'usr/bin': 0o755,
  'usr/sbin': 0o755,
  etc: 0o755,
  dev: 0o755,
  proc: 0o555,
  sys: 0o555,
  home: 0o755,
  root: 0o700,
  run: 0o755,
  tmp: 0o1777,
  'var/tmp': 0o1777,
  'var/www': 0o755,
  'var/spool/mail': 0o755,
};

interface BusyboxOptions {
  /** Where root file systems are kept: the image becomes a directory there, named by its id. */
  readonly rootfsDirectory: string;
  /** A statically linked busybox. */
  readonly binary: string;
}

/**
 * The built-in image: the machine's own busybox with a link for each applet. Made at first use, then reused.
 * @throws Fault `BUSYBOX_MISSING`
 */
export function busyboxImage(options: BusyboxOptions, reference: string): ResolvedImage {
  const content = readBinary(options.binary);
  const digest = createHash('sha256').update(recipe).update(content).digest('hex');
  const rootfs = join(options.rootfsDirectory, digest);
  if (!existsSync(rootfs)) build(rootfs, options.binary);
  return {
    reference,
    id: `sha256:${digest}`,
    kind: 'rootfs',
    entrypoint: [],
    command: ['sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    workingDir: '/',
    user: '',
    exposedPorts: [],
    stopSignal: 'SIGTERM',
    rootfs,
  };
}

function readBinary(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Fault({
      code: 'BUSYBOX_MISSING',
      message: `the built-in busybox image is made from ${path}, which cannot be read`,
      advice: 'Install it with `apt-get install busybox-static`.',
      cause,
    });
  }
}

/** Builds beside the final place and renames: whoever comes second finds it whole. */
function build(rootfs: string, binary: string): void {
  const temporary = `${rootfs}.${process.pid}.new`;
  rmSync(temporary, { recursive: true, force: true });
  for (const [path, mode] of Object.entries(directories)) {
    mkdirSync(join(temporary, path), { recursive: true });
    chmodSync(join(temporary, path), mode);
  }
  chmodSync(temporary, 0o755);
  copyFileSync(binary, join(temporary, 'bin/busybox'));
  chmodSync(join(temporary, 'bin/busybox'), 0o755);
  const applets = execFileSync(binary, ['--list'], { encoding: 'utf8' }).split('\n');
  for (const applet of applets.filter((name) => name !== '' && name !== 'busybox')) {
    symlinkSync('busybox', join(temporary, 'bin', applet));
  }
  if (!hasWgetTimeout(binary)) giveTimeouts(join(temporary, 'bin'));
  // Scripts of other images say `#!/usr/bin/env`.
  symlinkSync('../../bin/env', join(temporary, 'usr/bin/env'));
  writeFileSync(join(temporary, 'etc/passwd'), passwd);
  writeFileSync(join(temporary, 'etc/group'), group);
  writeFileSync(
    join(temporary, 'etc/nsswitch.conf'),
    'passwd: files\ngroup: files\nhosts: files dns\n',
  );
  publishDirectory(temporary, rootfs);
}
