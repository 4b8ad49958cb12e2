import { join } from 'node:path';

/** Where the files of one cluster's containers are. */
export interface Layout {
  readonly containers: string;
  /** conmon writes one file for each exit here: the name is the container, the content the exit code. */
  readonly exits: string;
  /** runc's own state (`--root`). */
  readonly runcState: string;
  readonly standIns: string;
  /** One directory for each running `runc exec`. */
  readonly execs: string;
}

export function layoutOf(directory: string): Layout {
  return {
    containers: join(directory, 'containers'),
    exits: join(directory, 'exits'),
    runcState: join(directory, 'runc'),
    standIns: join(directory, 'stand-ins'),
    execs: join(directory, 'execs'),
  };
}

/** The files of one container: an OCI bundle, and what conmon and the runtime keep beside it. */
export interface Bundle {
  readonly directory: string;
  readonly config: string;
  readonly record: string;
  /** Mount point of the overlay, with its two writable directories. */
  readonly rootfs: string;
  readonly upper: string;
  readonly work: string;
  readonly containerPid: string;
  /** For containers whose log nobody keeps. */
  readonly log: string;
  readonly conmonPid: string;
  /** SOCK_SEQPACKET socket of conmon. */
  readonly attachSocket: string;
  /** Named pipe of conmon for `1 HEIGHT WIDTH` lines. */
  readonly control: string;
}

export function bundleOf(layout: Layout, id: string): Bundle {
  const directory = join(layout.containers, id);
  return {
    directory,
    config: join(directory, 'config.json'),
    record: join(directory, 'container.json'),
    rootfs: join(directory, 'rootfs'),
    upper: join(directory, 'upper'),
    work: join(directory, 'work'),
    containerPid: join(directory, 'container.pid'),
    log: join(directory, 'log'),
    conmonPid: join(directory, 'conmon.pid'),
    attachSocket: join(directory, 'attach'),
    control: join(directory, 'ctl'),
  };
}
