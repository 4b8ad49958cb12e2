import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The applets that run commands. */
const shells = ['ash', 'sh'];

/** In busybox's table of applets: sorted, each name ended by a zero byte. */
const entry = '\0wget\0which\0';
/** As long, in the same place of the order, and no name that anybody types. */
const hidden = '\0wgeT\0which\0';

/**
 * A busybox whose shell finds wget on the PATH: built with FEATURE_PREFER_APPLETS it runs its own applet first, in
 * `sh -c` too, where no alias helps. As it was where the table is another one.
 */
function shellWithoutWget(busybox: Buffer): Buffer {
  const at = busybox.indexOf(entry, 0, 'latin1');
  if (at === -1) return busybox;
  const shell = Buffer.from(busybox);
  shell.write(hidden, at, 'latin1');
  return shell;
}

/**
 * Stands in for the applet where busybox was built without FEATURE_WGET_TIMEOUT: there `wget -T 2` crashes and
 * `--timeout` is unknown (Debian's busybox before 1:1.36.1-5). The limit is on the whole download instead of each of its steps.
 */
export const wgetScript = `#!/bin/sh
limit=
left=$#
while [ "$left" -gt 0 ]; do
  argument=$1
  shift
  left=$((left - 1))
  value=
  case $argument in
    --timeout=*) limit=\${argument#*=} ;;
    --timeout | -T) value=wanted ;;
    -T*) limit=\${argument#-T} ;;
    --*) set -- "$@" "$argument" ;;
    -[cqS]*T*)
      flags=\${argument%%T*}
      case \${flags#-} in
        *[!cqS]*) set -- "$@" "$argument" ;;
        *)
          set -- "$@" "$flags"
          limit=\${argument#*T}
          [ -n "$limit" ] || value=wanted
          ;;
      esac
      ;;
    *) set -- "$@" "$argument" ;;
  esac
  if [ -n "$value" ]; then
    limit=$1
    shift
    left=$((left - 1))
  fi
done
[ -n "$limit" ] || exec /bin/busybox wget "$@"
# Of all signals that end a process the shell says so, which no wget does, but for this one.
timeout -s PIPE "$limit" /bin/busybox wget "$@"
code=$?
if [ "$code" -eq 141 ]; then
  echo 'wget: download timed out' >&2
  exit 1
fi
exit "$code"
`;

/** Whether this busybox's own wget knows time-outs. */
export function hasWgetTimeout(busybox: string): boolean {
  const { stderr } = spawnSync(busybox, ['wget', '--help'], { encoding: 'utf8' });
  return /^\s*-T\b/m.test(stderr);
}

/** Puts the script in the place of the applet, for programs and shells alike. @param folder of the binary and its links */
export function giveTimeouts(folder: string): void {
  const shell = shellWithoutWget(readFileSync(join(folder, 'busybox')));
  const files = [['wget', wgetScript] as const, ...shells.map((name) => [name, shell] as const)];
  for (const [name, content] of files) {
    // What is there is a link to the binary, which writing would follow.
    rmSync(join(folder, name));
    writeFileSync(join(folder, name), content, { mode: 0o755 });
  }
}
