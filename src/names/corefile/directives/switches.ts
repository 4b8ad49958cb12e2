import { allowArguments, readDuration, readOptions, type DirectiveReader } from '../reading.ts';

/** `loop`: a query of our own that comes back is recognised. It always is; the line is accepted. */
export const loopDirective: DirectiveReader = {
  name: 'loop',
  read(line, reading) {
    readOptions(line, reading, {});
    allowArguments(line, 0, reading);
    reading.block.hasLoop = true;
  },
};

/** `reload [INTERVAL] [JITTER]`: changes of the ConfigMap are seen at once. */
export const reloadDirective: DirectiveReader = {
  name: 'reload',
  read(line, reading) {
    readOptions(line, reading, {});
    allowArguments(line, 2, reading);
    for (const token of line.args.slice(0, 2)) {
      readDuration(token, reading);
      reading.note(token, 'a change of the ConfigMap is seen at once, without looking again');
    }
    reading.block.hasReload = true;
  },
};

/** `loadbalance [round_robin]`: addresses change places from answer to answer. */
export const loadbalanceDirective: DirectiveReader = {
  name: 'loadbalance',
  read(line, reading) {
    readOptions(line, reading, {});
    const [policy] = line.args;
    if (policy !== undefined && policy.text !== 'round_robin') {
      reading.report(policy, `loadbalance knows round_robin, not ${JSON.stringify(policy.text)}`);
    }
    allowArguments(line, 1, reading);
    reading.block.isBalanced = true;
  },
};
