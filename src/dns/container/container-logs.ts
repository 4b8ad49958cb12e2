/** The logs of all containers that are served: a query is answered by a node, not by one of them, so each tells of it. */
export class ContainerLogs {
  private readonly logs = new Set<(text: string) => void>();

  /** @returns what takes the log out again */
  add(log: (text: string) => void): () => void {
    this.logs.add(log);
    return () => this.logs.delete(log);
  }

  /** Writes a line into every log. @returns false when there is none */
  say(text: string): boolean {
    for (const log of this.logs) log(text);
    return this.logs.size > 0;
  }
}
