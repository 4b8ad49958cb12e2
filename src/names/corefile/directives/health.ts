import {
  allowArguments,
  onlyArgument,
  readDuration,
  readOptions,
  readPort,
  type DirectiveReader,
} from '../reading.ts';

/** `health [ADDRESS] { lameduck DURATION }` */
export const healthDirective: DirectiveReader = {
  name: 'health',
  read(line, reading) {
    allowArguments(line, 1, reading);
    let lameduckMs = 0;
    readOptions(line, reading, {
      lameduck: (option) => {
        const token = onlyArgument(option, reading);
        if (token !== undefined) lameduckMs = readDuration(token, reading);
      },
    });
    reading.block.health = { port: readPort(line.args[0], 8080, reading), lameduckMs };
  },
};
