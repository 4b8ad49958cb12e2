import { allowArguments, readOptions, readPort, type DirectiveReader } from '../reading.ts';

/** `prometheus [ADDRESS]` */
export const prometheusDirective: DirectiveReader = {
  name: 'prometheus',
  read(line, reading) {
    readOptions(line, reading, {});
    allowArguments(line, 1, reading);
    reading.block.prometheus = { port: readPort(line.args[0], 9153, reading) };
  },
};
