import type { CorefileError, Token } from './token.ts';

/** One pass over the text; words end at white space, `#` at the start of a word begins a comment. */
class Lexer {
  readonly tokens: Token[] = [];
  readonly errors: CorefileError[] = [];
  private readonly text: string;
  private at = 0;
  private line = 1;
  private lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  run(): void {
    for (;;) {
      this.skipSpace();
      if (this.at >= this.text.length) return;
      if (this.text[this.at] === '"') this.quoted();
      else this.word();
    }
  }

  private place(): { line: number; column: number } {
    return { line: this.line, column: this.at - this.lineStart + 1 };
  }

  private advance(): void {
    if (this.text[this.at] === '\n') {
      this.line += 1;
      this.lineStart = this.at + 1;
    }
    this.at += 1;
  }

  private skipSpace(): void {
    for (;;) {
      const character = this.text[this.at] ?? '';
      if (character === '#') {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.advance();
      } else if (character !== '' && /\s/.test(character)) this.advance();
      else return;
    }
  }

  private word(): void {
    const place = this.place();
    const start = this.at;
    while (this.at < this.text.length && !/\s/.test(this.text[this.at] ?? '')) this.advance();
    this.tokens.push({ ...place, text: this.text.slice(start, this.at), isQuoted: false });
  }

  private quoted(): void {
    const place = this.place();
    let text = '';
    this.advance();
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      if (this.text[this.at] === '\\' && this.text[this.at + 1] === '"') this.advance();
      text += this.text[this.at] ?? '';
      this.advance();
    }
    if (this.at >= this.text.length) {
      this.errors.push({ ...place, message: 'a quotation mark is not closed' });
    }
    this.advance();
    this.tokens.push({ ...place, text, isQuoted: true });
  }
}

/** Cuts a Corefile into words. */
export function lex(text: string): {
  readonly tokens: readonly Token[];
  readonly errors: readonly CorefileError[];
} {
  const lexer = new Lexer(text);
  lexer.run();
  return { tokens: lexer.tokens, errors: lexer.errors };
}
