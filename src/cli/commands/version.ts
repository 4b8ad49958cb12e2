import { Option, type Command } from 'commander';
import { kubernetesVersion, portolanVersion } from '../../cluster/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { print, printJson } from '../output.ts';

interface VersionFlags extends CommonOptions {
  readonly output?: 'json';
}

export function register(program: Command): void {
  addVerb(program, 'version', 'the versions of Portolan, of the API it serves and of Node')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(({ output }: VersionFlags) => {
      const portolan = portolanVersion();
      const node = process.version;
      if (output === 'json') printJson({ portolan, kubernetes: kubernetesVersion, node });
      else print(`portolan ${portolan}, Kubernetes API ${kubernetesVersion}, Node ${node}`);
    });
}
