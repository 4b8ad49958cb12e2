/** The cluster that is meant when nobody names one. */
export const DEFAULT_NAME = 'portolan';

/** How the program was called: `bin/portolan` in a clone, else `portolan`. */
export function programName(env: NodeJS.ProcessEnv = process.env): string {
  const called = env['PORTOLAN_PROGRAM'] ?? '';
  return called === '' ? 'portolan' : called;
}

/** `portolan start --name shop`, or without `--name` for the default cluster: advice that can be typed as it is. */
export function commandLine(verb: string, name: string): string {
  const command = `${programName()} ${verb}`;
  return name === DEFAULT_NAME ? command : `${command} --name ${name}`;
}
