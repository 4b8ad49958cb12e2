import { Argument, type Command } from 'commander';
import { addExamples, addVerb } from '../command.ts';
import { print } from '../output.ts';

/** Each asks `portolan complete` for the words that may come next, so that clusters and nodes are among them. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_portolan() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _portolan portolan`,
  zsh: `#compdef portolan
_portolan() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found//:/\\\\:}")
  found=("\${(@)found/$'\\t'/:}")
  if [[ -n "\${found[1]}" ]]; then _describe portolan found; else _files; fi
}
compdef _portolan portolan`,
  fish: `complete -c portolan -a '(portolan complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
};

export function register(program: Command): void {
  const verb = addVerb(program, 'completion', 'print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .action((shell: string) => print(scripts[shell] ?? ''));
  addExamples(verb, [
    'source <(portolan completion bash)             # in ~/.bashrc',
    'source <(portolan completion zsh)              # in ~/.zshrc, after compinit',
    'portolan completion fish | source              # in ~/.config/fish/config.fish',
  ]);
}
