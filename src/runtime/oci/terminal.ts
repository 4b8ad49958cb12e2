import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { setTerminalSize, unlockTerminal, type TerminalSize } from './libc.ts';
import { errnoOf } from '../../files/index.ts';

/** A pseudo-terminal (pty(7)) of which this process has the master and a child gets the other side. */
interface Terminal {
  /** Descriptor for the child's stdin, stdout and stderr; give it up with `closeSlave` once the child runs. */
  readonly slave: number;
  /** Both directions of the master. Ends when the last holder of the other side has closed it. */
  readonly master: ReadStream;
  closeSlave(): void;
  resize(size: TerminalSize): void;
}

export function openTerminal(): Terminal {
  const masterDescriptor = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  const number = unlockTerminal(masterDescriptor);
  const slave = openSync(`/dev/pts/${number}`, constants.O_RDWR | constants.O_NOCTTY);
  const master = new ReadStream(masterDescriptor);
  // Reading a master without another side fails with EIO: that is the end of file of terminals.
  master.on('error', (error) => {
    if (errnoOf(error) === 'EIO') master.destroy();
  });
  return {
    slave,
    master,
    closeSlave: () => closeSync(slave),
    resize: (size) => {
      if (!master.destroyed) setTerminalSize(masterDescriptor, size);
    },
  };
}
