import { Option, type Command } from 'commander';
import { daemonStatus, listAddons, setAddon, type AddonSummary } from '../../cluster/index.ts';
import type { AddonChange, ClusterDirectories } from '../../cluster/index.ts';
import { addExamples, addVerb, nameOf, takeName } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { formatBox, print, printJson } from '../output.ts';

interface ListFlags {
  readonly output?: 'json';
}

function row(cluster: string, { name, isEnabled, maintainer }: AddonSummary): string[] {
  return [name, cluster, isEnabled ? 'enabled ✅' : 'disabled', maintainer];
}

function list({ output }: ListFlags, command: Command): void {
  const name = nameOf(command);
  const addons = listAddons(requireRecord(directoriesOf(name)));
  if (output === 'json') printJson(addons);
  else {
    const headers = ['ADDON NAME', 'PROFILE', 'STATUS', 'MAINTAINER'];
    print(
      formatBox(
        headers,
        addons.map((addon) => row(name, addon)),
      ),
    );
  }
}

/** Where the host finds what an addon has published. */
async function whereItAnswers(directories: ClusterDirectories): Promise<string[]> {
  const { ports } = await daemonStatus(directories);
  const own = ports.filter(
    ({ service, port }) => service === 'ingress-nginx/ingress-nginx-controller' && port < 1024,
  );
  return own.map(({ address, port }) => `    ${port === 443 ? 'https' : 'http'}://${address}`);
}

async function change(addon: string, name: string, isEnabled: boolean): Promise<void> {
  const directories = directoriesOf(name);
  requireRecord(directories);
  const done: AddonChange = await setAddon(directories, addon, isEnabled);
  const state = isEnabled ? 'enabled' : 'disabled';
  if (!done.isLive) {
    print(`🌟  The '${addon}' addon is ${state} from the next start on`);
    return;
  }
  const where = isEnabled ? await whereItAnswers(directories) : [];
  print([`🌟  The '${addon}' addon is ${state}`, ...where].join('\n'));
}

export function register(program: Command): void {
  const addons = addVerb(program, 'addons', 'what a cluster has beside the network itself');
  takeName(addons.command('list').alias('ls').description('the addons, and which are enabled'))
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(list);
  takeName(addons.command('enable').description('switch an addon on'))
    .argument('<addon>', 'its name')
    .action((addon: string, _flags, command: Command) => change(addon, nameOf(command), true));
  takeName(addons.command('disable').description('switch an addon off, and remove its objects'))
    .argument('<addon>', 'its name')
    .action((addon: string, _flags, command: Command) => change(addon, nameOf(command), false));
  addExamples(addons, ['portolan addons list', 'portolan addons enable ingress']);
}
