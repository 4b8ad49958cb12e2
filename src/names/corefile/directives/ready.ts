import { allowArguments, readOptions, readPort, type DirectiveReader } from '../reading.ts';

/** `ready [ADDRESS]` */
export const readyDirective: DirectiveReader = {
  name: 'ready',
  read(line, reading) {
    readOptions(line, reading, {});
    allowArguments(line, 1, reading);
    reading.block.ready = { port: readPort(line.args[0], 8181, reading) };
  },
};
