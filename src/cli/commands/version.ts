import { Option, type Command } from 'commander';
import { addVerb, type CommonOptions } from '../command.ts';
import { print, printJson } from '../output.ts';

interface VersionFlags extends CommonOptions {
  readonly output?: 'json';
}

export function register(program: Command): void {
  addVerb(program, 'version', 'the versions of Portolan, of the API it serves and of Node')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(async (flags: VersionFlags) => {
      const { kubernetesVersion, portolanVersion } = await import('../../cluster/index.ts');
      const versions = {
        portolan: portolanVersion(),
        kubernetes: kubernetesVersion,
        node: process.version,
      };
      if (flags.output === 'json') printJson(versions);
      else
        print(
          `portolan ${versions.portolan}, Kubernetes API ${versions.kubernetes}, Node ${versions.node}`,
        );
    });
}
