import { badRequest } from '../api-error.ts';
import type { FieldProblem } from './contract.ts';

const whitespace = new Set([' ', '\t', '\n', '\r']);

/** No manifest comes near it, and every walk over an object recurses. */
const deepest = 1000;

/** Reads JSON text only for its keys. The text has passed JSON.parse, so no syntax is checked again. */
class KeyScanner {
  private readonly text: string;
  private position = 0;
  private depth = 0;
  readonly problems: FieldProblem[] = [];

  constructor(text: string) {
    this.text = text;
  }

  value(path: string): void {
    this.skipSpace();
    switch (this.text[this.position]) {
      case '{':
        this.nested(() => this.object(path));
        break;
      case '[':
        this.nested(() => this.array(path));
        break;
      case '"':
        this.string();
        break;
      default:
        this.literal();
    }
  }

  private nested(read: () => void): void {
    if (this.depth === deepest) throw badRequest(`the body nests deeper than ${deepest} levels`);
    this.depth += 1;
    read();
    this.depth -= 1;
  }

  private skipSpace(): void {
    while (whitespace.has(this.text[this.position] ?? '')) this.position += 1;
  }

  /** Steps over one punctuation mark and the space around it; returns it. */
  private mark(): string {
    this.skipSpace();
    const found = this.text[this.position] ?? '';
    this.position += 1;
    this.skipSpace();
    return found;
  }

  private object(path: string): void {
    this.mark();
    const seen = new Set<string>();
    while (this.text[this.position] === '"') {
      const key = this.string();
      const at = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) {
        this.problems.push({ kind: 'duplicate', path: at, message: `duplicate field "${at}"` });
      }
      seen.add(key);
      this.mark();
      this.value(at);
      if (this.mark() === '}') return;
    }
    this.mark();
  }

  private array(path: string): void {
    this.mark();
    if (this.text[this.position] === ']') {
      this.position += 1;
      return;
    }
    for (let index = 0; this.position < this.text.length; index += 1) {
      this.value(`${path}[${index}]`);
      if (this.mark() === ']') return;
    }
  }

  private string(): string {
    const start = this.position;
    this.position += 1;
    while (this.text[this.position] !== '"') {
      this.position += this.text[this.position] === '\\' ? 2 : 1;
    }
    this.position += 1;
    return JSON.parse(this.text.slice(start, this.position)) as string;
  }

  private literal(): void {
    while (/[^,\]}\s]/.test(this.text[this.position] ?? ',')) this.position += 1;
  }
}

/**
 * Finds keys that stand twice in one object of a JSON text, which JSON.parse silently drops. A key that stands
 * three times is reported twice.
 * @param text - valid JSON
 * @throws ApiError `BadRequest` when it nests too deep to be walked
 */
export function findDuplicateFields(text: string): FieldProblem[] {
  const scanner = new KeyScanner(text);
  scanner.value('');
  return scanner.problems;
}
