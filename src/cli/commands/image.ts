import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { openImages } from '../../cluster/index.ts';
import { addExamples, addVerb, takeName } from '../command.ts';
import { formatTable, print } from '../output.ts';

interface ImportFlags {
  readonly entrypoint?: string[];
  readonly cmd?: string[];
  readonly env?: string[];
  readonly port?: string[];
}

/** Splits a command as a JSON array, or else at spaces. */
export function parseWords(text: string): string[] {
  if (!text.startsWith('[')) return text.split(' ').filter((word) => word !== '');
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('Give words, or a JSON array of strings.');
}

export function parseVariable(text: string, before: readonly string[] = []): string[] {
  if (/^[^=]+=/.test(text)) return [...before, text];
  throw new InvalidArgumentError('Give NAME=VALUE.');
}

export function parsePort(text: string, before: readonly string[] = []): string[] {
  const [, port] = /^(\d{1,5})(?:\/(?:tcp|udp|sctp))?$/.exec(text) ?? [];
  if (Number(port) >= 1 && Number(port) <= 65_535) return [...before, text];
  throw new InvalidArgumentError('Give a port from 1 to 65535, or PORT/tcp, PORT/udp.');
}

function registerImport(image: Command): void {
  const verb = takeName(image.command('import <name> <path>'))
    .description(
      'take in a docker archive, an OCI archive or layout, or a root file system (directory or tar) as NAME[:TAG]',
    )
    .option('--entrypoint <command>', 'of a root file system: words, or a JSON array', parseWords)
    .option('--cmd <arguments>', 'of a root file system: words, or a JSON array', parseWords)
    .option('--env <name=value>', 'of a root file system; repeatable', parseVariable)
    .option('--port <port/protocol>', 'of a root file system, e.g. 80/tcp; repeatable', parsePort)
    .action(async (name: string, path: string, flags: ImportFlags) => {
      const imported = await (
        await openImages(process.env)
      ).importArchive(resolve(path), {
        name,
        ...(flags.entrypoint === undefined ? {} : { entrypoint: flags.entrypoint }),
        ...(flags.cmd === undefined ? {} : { command: flags.cmd }),
        ...(flags.env === undefined ? {} : { env: flags.env }),
        ...(flags.port === undefined ? {} : { ports: flags.port }),
      });
      for (const { reference, id } of imported) print(`imported ${reference} (${id})`);
    });
  addExamples(verb, [
    'portolan image import shop:1.2 shop.tar         # of docker save, or an OCI archive',
    'portolan image import web:dev ./root --entrypoint "/bin/web -v" --port 80',
  ]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}MB`;
}

function registerList(image: Command): void {
  takeName(image.command('ls'))
    .alias('list')
    .description('list the images of this machine')
    .action(async () => {
      const images = await (await openImages(process.env)).list();
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
  takeName(image.command('rm <name...>'))
    .alias('remove')
    .description('remove images')
    .action(async (names: string[]) => {
      const images = await openImages(process.env);
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
