import { spawnSync } from 'node:child_process';

/** What the real nft sends for a command, after set-up commands of which nothing is kept. */
export interface Capture {
  readonly setup: string;
  readonly command: string;
  /** The datagram of the batch, in hexadecimal. */
  readonly sent: string;
}

/** A line of strace's dump: offset, sixteen bytes in hexadecimal, the same as text. */
const DUMP_LINE = /^ \| [0-9a-f]{5} {2}((?:[0-9a-f]{2} {1,2})+)/gm;

/** Runs nft under strace in a fresh network namespace and returns the batch it sent. Needs root and strace. */
export function captureNft(setup: string, command: string): Capture {
  const script = [
    'nft -f - <<EOF1',
    setup,
    'EOF1',
    'strace -e trace=sendmsg -e write=3 -s 1 nft -f - <<EOF2',
    command,
    'EOF2',
  ].join('\n');
  const { stderr, status } = spawnSync('unshare', ['-n', 'sh', '-ec', script], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`nft refused ${command}: ${stderr}`);
  const sent = [...stderr.matchAll(DUMP_LINE)].map(([, bytes = '']) => bytes.replaceAll(' ', ''));
  return { setup, command, sent: sent.join('') };
}
