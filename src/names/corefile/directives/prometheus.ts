import { allowArguments, readPort, type DirectiveReader } from '../reading.ts';

/** `prometheus [ADDRESS]` */
export const prometheusDirective: DirectiveReader = {
  name: 'prometheus',
  read(line, reading) {
    allowArguments(line, 1, reading);
    reading.block.prometheus = { port: readPort(line.args[0], 9153, reading) };
  },
};
