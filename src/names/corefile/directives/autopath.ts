import { readOptions, readZones, type DirectiveReader } from '../reading.ts';

/** `autopath [ZONES...] @kubernetes`: a search path is the asking pod's own, never one of a file. */
export const autopathDirective: DirectiveReader = {
  name: 'autopath',
  read(line, reading) {
    readOptions(line, reading, {});
    const source = line.args.at(-1);
    if (source?.text !== '@kubernetes') {
      reading.report(source ?? line.name, 'autopath takes its search paths from @kubernetes');
    }
    reading.block.autopath = { zones: readZones(line.args.slice(0, -1), reading) };
  },
};
