import { Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { Fault } from '../../fault/index.ts';

export type Section = 'clusters' | 'users' | 'contexts';

/** The key under which each section keeps an entry's content. */
const contentKey = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;

const empty = {
  apiVersion: 'v1',
  kind: 'Config',
  preferences: {},
  clusters: [],
  users: [],
  contexts: [],
  'current-context': '',
};

/** kubectl reads YAML 1.1, in which a cluster called `n` or `on` is a boolean unless it is quoted. */
const quoting = { compat: 'yaml-1.1' } as const;

/** One kubeconfig file, edited in place: comments, order and what this program does not know stay. */
export class KubeconfigDocument {
  private readonly document: Document;

  /**
   * @param text undefined or blank makes a new one
   * @throws Fault `KUBECONFIG_INVALID` with the file, line and column
   */
  constructor(path: string, text: string | undefined) {
    this.document =
      text === undefined || text.trim() === '' ? new Document(empty, quoting) : parse(path, text);
  }

  get currentContext(): string {
    const value = this.document.get('current-context');
    return typeof value === 'string' ? value : '';
  }

  set currentContext(name: string) {
    this.document.set('current-context', name);
  }

  /** The content of an entry as plain values. */
  get(section: Section, name: string): Record<string, unknown> | undefined {
    const content = this.entry(section, name)?.toJSON()?.[contentKey[section]];
    return typeof content === 'object' && content !== null ? content : undefined;
  }

  names(section: Section): string[] {
    return this.entries(section).map((entry) => String(entry.get('name')));
  }

  /** Sets fields of an entry, which is made when missing; `undefined` removes a field; other fields stay. */
  set(section: Section, name: string, fields: Readonly<Record<string, unknown>>): void {
    const entry = this.entry(section, name) ?? this.append(section, name);
    const path = [contentKey[section]];
    if (!isMap(entry.getIn(path))) entry.setIn(path, this.document.createNode({}));
    for (const [field, value] of Object.entries(fields)) {
      if (value === undefined) entry.deleteIn([...path, field]);
      else entry.setIn([...path, field], value);
    }
  }

  /** @returns whether there was one */
  delete(section: Section, name: string): boolean {
    const list = this.document.get(section);
    if (!isSeq(list)) return false;
    const at = list.items.findIndex((item) => isMap(item) && item.get('name') === name);
    return at >= 0 && list.delete(at);
  }

  toString(): string {
    return this.document.toString({ lineWidth: 0 });
  }

  private entries(section: Section): YAMLMap[] {
    const list = this.document.get(section);
    return isSeq(list) ? list.items.filter((item) => isMap(item)) : [];
  }

  private entry(section: Section, name: string): YAMLMap | undefined {
    return this.entries(section).find((entry) => entry.get('name') === name);
  }

  private append(section: Section, name: string): YAMLMap {
    if (!isSeq(this.document.get(section)))
      this.document.set(section, this.document.createNode([]));
    const entry = this.document.createNode({ [contentKey[section]]: {}, name });
    const list = this.document.get(section);
    if (isSeq(list)) {
      list.flow = false;
      list.add(entry);
    }
    return entry;
  }
}

function parse(path: string, text: string): Document {
  const document = parseDocument(text, quoting);
  const [problem] = document.errors;
  if (problem === undefined && isMap(document.contents)) return document;
  throw new Fault({
    code: 'KUBECONFIG_INVALID',
    message: `the kubeconfig ${path} is not valid: ${problem?.message ?? 'it is not a mapping'}`,
    advice: 'Correct the file, or name another with --kubeconfig.',
    cause: problem,
  });
}
