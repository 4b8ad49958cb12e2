import { badRequest, type ApiError } from './api-error.ts';
import { labelValue, qualifiedName } from './names.ts';
import { selectorOf, type Requirement, type Selector, type SelectorOperator } from './selector.ts';

type Token = { readonly kind: 'word' | 'mark' | 'end'; readonly text: string };

const marks = /^(?:==|!=|[=!(),<>])/;
const word = /^[^\s=!(),<>]+/;

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const mark = marks.exec(rest)?.[0];
    const found = mark ?? word.exec(rest)?.[0] ?? rest;
    tokens.push({ kind: mark === undefined ? 'word' : 'mark', text: found });
    rest = rest.slice(found.length).trimStart();
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function unexpected(found: Token, expected: string): ApiError {
  return badRequest(`unable to parse requirement: found '${found.text}', expected: ${expected}`);
}

const operators: ReadonlyMap<string, SelectorOperator> = new Map([
  ['=', 'In'],
  ['==', 'In'],
  ['!=', 'NotIn'],
  ['in', 'In'],
  ['notin', 'NotIn'],
  ['>', 'Gt'],
  ['<', 'Lt'],
]);

/** A recursive descent over the grammar in the comment of `apimachinery/pkg/labels/selector.go`. */
class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(text: string) {
    this.tokens = tokenise(text);
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '' };
  }

  private take(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  private takeIf(text: string): boolean {
    const { kind, text: found } = this.peek();
    if (kind === 'end' || found !== text) return false;
    this.position += 1;
    return true;
  }

  requirements(): Requirement[] {
    const found: Requirement[] = [];
    if (this.peek().kind === 'end') return found;
    do {
      found.push(this.requirement());
    } while (this.takeIf(','));
    if (this.peek().kind !== 'end') throw unexpected(this.peek(), "',' or 'end of string'");
    return found;
  }

  private requirement(): Requirement {
    const isNegated = this.takeIf('!');
    const key = this.key();
    if (isNegated) return { key, operator: 'DoesNotExist', values: [] };
    const { kind, text } = this.peek();
    if (kind === 'end' || text === ',') return { key, operator: 'Exists', values: [] };
    return this.restriction(key);
  }

  private key(): string {
    const token = this.take();
    if (token.kind !== 'word') throw unexpected(token, 'identifier');
    const [problem] = qualifiedName(token.text);
    if (problem !== undefined) {
      throw badRequest(
        `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(token.text)}: ${problem}`,
      );
    }
    return token.text;
  }

  private restriction(key: string): Requirement {
    const token = this.take();
    const operator = operators.get(token.text);
    if (operator === undefined) throw unexpected(token, 'in, notin, =, ==, !=, gt, lt');
    const isSet = token.text === 'in' || token.text === 'notin';
    const values = isSet ? this.valueSet() : [this.value()];
    for (const value of values) checkValue(key, value);
    if ((operator === 'Gt' || operator === 'Lt') && !/^-?\d+$/.test(values[0] ?? '')) {
      throw badRequest(
        `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    return { key, operator, values };
  }

  /** Absent before a comma or the end: `app=` asks for the empty value. */
  private value(): string {
    return this.peek().kind === 'word' ? this.take().text : '';
  }

  private valueSet(): string[] {
    if (!this.takeIf('(')) throw unexpected(this.peek(), "'('");
    const values: string[] = [];
    do {
      values.push(this.value());
    } while (this.takeIf(','));
    if (!this.takeIf(')')) throw unexpected(this.peek(), "',', ')' or identifier");
    return values;
  }
}

function checkValue(key: string, value: string): void {
  const [problem] = labelValue(value);
  if (problem === undefined) return;
  throw badRequest(
    `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`,
  );
}

/**
 * Parses what `kubectl -l` sends: `app=web,tier!=db,env in (a,b),zone notin (c),canary,!legacy`.
 * The empty text selects everything.
 * @throws ApiError `BadRequest`
 */
export function parseSelector(text: string): Selector {
  return selectorOf(new Parser(text).requirements());
}
