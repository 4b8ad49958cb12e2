import { execFileSync } from 'node:child_process';
import { messageOf } from '../fault/index.ts';
import { checkRequirements, type Requirement } from '../kernel/index.ts';

/** The programs that containers run under, each with the Debian package that has it and how it tells its version. */
const programs = [
  { name: 'runc', package: 'runc', args: ['--version'] },
  { name: 'conmon', package: 'conmon', args: ['--version'] },
  { name: 'busybox', package: 'busybox-static', args: ['--help'] },
] as const;

function examineProgram(program: (typeof programs)[number]): Requirement {
  const advice = `Install it: apt-get install -y --no-install-recommends ${program.package}`;
  try {
    const [line = ''] = String(execFileSync(program.name, program.args)).split('\n');
    return { name: program.name, ok: true, detail: line, advice };
  } catch (error) {
    return { name: program.name, ok: false, detail: messageOf(error), advice };
  }
}

/** Everything Portolan needs of this machine. */
export function examineMachine(): Requirement[] {
  return [...checkRequirements(), ...programs.map(examineProgram)];
}
