import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addVerb } from '../command.ts';
import { formatTable, print } from '../output.ts';

interface ImportFlags {
  readonly entrypoint?: string;
  readonly cmd?: string;
  readonly env?: string[];
  readonly port?: string[];
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Splits a command as a JSON array, or else at spaces. */
function words(text: string): string[] {
  if (text.startsWith('[')) return JSON.parse(text) as string[];
  return text.split(' ').filter((word) => word !== '');
}

function registerImport(image: Command): void {
  image
    .command('import <name> <path>')
    .description(
      'take in a docker archive, an OCI archive or layout, or a root file system (directory or tar) as NAME[:TAG]',
    )
    .option('--entrypoint <command>', 'of a root file system: words, or a JSON array')
    .option('--cmd <arguments>', 'of a root file system: words, or a JSON array')
    .option('--env <name=value>', 'of a root file system; repeatable', collect)
    .option('--port <port/protocol>', 'of a root file system, e.g. 80/tcp; repeatable', collect)
    .action(async (name: string, path: string, flags: ImportFlags) => {
      const { openImages } = await import('../../cluster/index.ts');
      const imported = await openImages(process.env).importArchive(resolve(path), {
        name,
        ...(flags.entrypoint === undefined ? {} : { entrypoint: words(flags.entrypoint) }),
        ...(flags.cmd === undefined ? {} : { command: words(flags.cmd) }),
        ...(flags.env === undefined ? {} : { env: flags.env }),
        ...(flags.port === undefined ? {} : { ports: flags.port }),
      });
      for (const { reference, id } of imported) print(`imported ${reference} (${id})`);
    });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}MB`;
}

function registerList(image: Command): void {
  image
    .command('ls')
    .description('list the images of this machine')
    .action(async () => {
      const { openImages } = await import('../../cluster/index.ts');
      const images = await openImages(process.env).list();
      const rows = images.map((one) => [
        one.reference,
        one.id.replace('sha256:', '').slice(0, 12),
        megabytes(one.bytes),
        one.created,
      ]);
      print(formatTable(['IMAGE', 'ID', 'SIZE', 'CREATED'], rows));
    });
}

function registerRemove(image: Command): void {
  image
    .command('rm <name...>')
    .description('remove images')
    .action(async (names: string[]) => {
      const { openImages } = await import('../../cluster/index.ts');
      const images = openImages(process.env);
      for (const name of names) {
        await images.remove(name);
        print(`removed ${name}`);
      }
    });
}

export function register(program: Command): void {
  const image = addVerb(program, 'image', 'the images of this machine, shared by all clusters');
  registerImport(image);
  registerList(image);
  registerRemove(image);
}
