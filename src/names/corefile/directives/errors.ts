import type { DirectiveReader } from '../reading.ts';

/** `errors`: failures are logged. Consolidation of repeated ones is accepted; the log here does it anyway. */
export const errorsDirective: DirectiveReader = {
  name: 'errors',
  read(_line, { block }) {
    block.hasErrors = true;
  },
};
