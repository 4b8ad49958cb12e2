/** How a command ends; 0 when it did what it was told. */
export const exitCode = {
  /** It could not, or (doctor) something is missing. */
  failure: 1,
  /** It was told something that it does not understand. */
  usage: 2,
  /** `status`: the cluster does not run. */
  notRunning: 3,
  /** `explain --live`: the network does not do what was told. */
  mismatch: 4,
  /** `exec`: the command is there but cannot be run, or is not there; as in a shell. */
  notExecutable: 126,
  notFound: 127,
  /** Plus the signal's number, `exec`: a signal ended the command; as in a shell. */
  signal: 128,
} as const;
