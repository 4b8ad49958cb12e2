import { Argument, type Command } from 'commander';
import { addVerb } from '../command.ts';
import { print } from '../output.ts';

interface Verb {
  readonly name: string;
  readonly description: string;
  readonly words: readonly string[];
}

function verbsOf(program: Command): Verb[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: [
      ...command.commands.map((inner) => inner.name()),
      ...command.options.flatMap(({ long }) => (long === undefined ? [] : [long])),
    ],
  }));
}

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map(({ name, words }) => `    ${name}) words="${words.join(' ')}" ;;`);
  return [
    '_portolan() {',
    '  local words current="${COMP_WORDS[COMP_CWORD]}"',
    '  case "${COMP_CWORD:-0}/${COMP_WORDS[1]:-}" in',
    `    1/*) words="${verbs.map(({ name }) => name).join(' ')}" ;;`,
    '    *) case "${COMP_WORDS[1]}" in',
    ...cases.map((line) => `  ${line}`),
    '    esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _portolan portolan',
  ].join('\n');
}

function zsh(verbs: readonly Verb[]): string {
  const described = verbs.map(
    ({ name, description }) => `    '${name}:${description.replaceAll("'", "'\\''")}'`,
  );
  const cases = verbs.map(({ name, words }) => `    ${name}) compadd -- ${words.join(' ')} ;;`);
  return [
    '#compdef portolan',
    '_portolan() {',
    '  local -a verbs',
    '  verbs=(',
    ...described,
    '  )',
    '  if (( CURRENT == 2 )); then _describe verb verbs; return; fi',
    '  case $words[2] in',
    ...cases,
    '  esac',
    '  _files',
    '}',
    'compdef _portolan portolan',
  ].join('\n');
}

function fish(verbs: readonly Verb[]): string {
  return verbs
    .flatMap(({ name, description, words }) => [
      `complete -c portolan -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", "\\'")}'`,
      `complete -c portolan -n '__fish_seen_subcommand_from ${name}' -a '${words.join(' ')}'`,
    ])
    .join('\n');
}

const writers: Readonly<Record<string, (verbs: readonly Verb[]) => string>> = { bash, zsh, fish };

export function register(program: Command): void {
  addVerb(program, 'completion', 'print a completion script: source <(portolan completion bash)')
    .addArgument(new Argument('<shell>').choices(Object.keys(writers)))
    .action((shell: string) => {
      const write = writers[shell];
      if (write !== undefined) print(write(verbsOf(program)));
    });
}
