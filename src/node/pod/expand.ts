/**
 * Expands `$(NAME)` from `values`; `$$` is a literal dollar, and a reference to an unknown name stays as it is
 * (core/v1 Container.command and EnvVar.value).
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return values.get(name) ?? whole;
  });
}
