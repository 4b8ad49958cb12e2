import type { Command } from 'commander';
import { nodeLoopback } from '../../cluster/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, nodeOrdinal, notRunningNotes, requireRecord } from '../clusters.ts';
import { print, printNotes } from '../output.ts';

interface IpFlags extends CommonOptions {
  readonly node?: string;
}

export function register(program: Command): void {
  const verb = addVerb(program, 'ip', "a node's address on this host, where its node ports answer")
    .option('-n, --node <node>', 'the node (default: the first)')
    .action(({ name, node }: IpFlags) => {
      const directories = directoriesOf(name);
      const record = requireRecord(directories);
      print(nodeLoopback(record.index, nodeOrdinal(record, node)));
      printNotes(notRunningNotes(directories, record));
    });
  addExamples(verb, ['curl http://$(portolan ip):32000']);
}
