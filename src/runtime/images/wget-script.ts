import { spawnSync } from 'node:child_process';

/** The shell of busybox runs its own applet whatever the PATH says, but not over an alias. Scripts (`sh -c`) know none. */
export const shellAliases = 'alias wget=/bin/wget\n';

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
[ -n "$limit" ] || exec busybox wget "$@"
# Of all signals that end a process the shell says so, which no wget does, but for this one.
timeout -s PIPE "$limit" busybox wget "$@"
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
