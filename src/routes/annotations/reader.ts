import { parseCidr } from '../../ip/index.ts';
import type { Finding } from '../contract.ts';

/** The prefix of ingress-nginx's annotations. */
export const PREFIX = 'nginx.ingress.kubernetes.io/';

/** Nothing that ends a header, and nothing that Node would refuse to send. */
function isHeaderValue(text: string): boolean {
  return /^[\t\u0020-\u007e]*$/u.test(text);
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u.test(text);
}

/** What is wrong with one annotation. */
export type Report = (code: Finding['code'], annotation: string, message: string) => void;

/** The bounds of a number, both inclusive. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Reads the annotations of one Ingress into types. A value that is none of its type is reported and counts as absent:
 * the route goes on without it.
 */
export class AnnotationReader {
  private readonly values: Readonly<Record<string, string>>;
  private readonly report: Report;

  /** Of all `annotations` of an object, those with {@link PREFIX}. */
  constructor(annotations: Readonly<Record<string, string>> = {}, report: Report = () => {}) {
    this.values = annotations;
    this.report = report;
  }

  has(name: string): boolean {
    return this.values[PREFIX + name] !== undefined;
  }

  /** Names, without prefix, of all that are set. */
  names(): string[] {
    return Object.keys(this.values)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length));
  }

  /** Undefined when absent or empty. */
  text(name: string): string | undefined {
    const value = this.values[PREFIX + name]?.trim();
    return value === '' ? undefined : value;
  }

  /** Text that goes into a header as it is. */
  headerValue(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || isHeaderValue(value)) return value;
    return this.bad(name, 'must be printable ASCII: it goes into a header');
  }

  /** Text of the characters that names of headers and cookies have (RFC 9110 section 5.6.2). */
  token(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || isToken(value)) return value;
    return this.bad(name, `"${value}" has characters that no name has`);
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (['true', '1', 't', 'on', 'yes'].includes(value)) return true;
    if (['false', '0', 'f', 'off', 'no'].includes(value)) return false;
    return this.bad(name, 'must be "true" or "false"');
  }

  integer(name: string, { min, max }: Bounds = { min: 0, max: 2 ** 31 - 1 }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    return this.bad(name, `must be a whole number from ${min} to ${max}`);
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    return found ?? this.bad(name, `must be one of ${choices.join(', ')}`);
  }

  /** Parts between commas, trimmed. */
  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** Blocks, where a bare address is a block of one. @returns canonical texts */
  cidrs(name: string): string[] | undefined {
    const parts = this.list(name);
    const blocks = parts?.map((part) =>
      part.includes('/') ? part : `${part}/${part.includes(':') ? 128 : 32}`,
    );
    const wrong = blocks?.find((block) => parseCidr(block) === undefined);
    return wrong === undefined ? blocks : this.bad(name, `"${wrong}" is no address block`);
  }

  /** A size as nginx writes it: bytes, or with k, m or g. */
  bytes(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const [, digits, unit = ''] = /^(\d+)([kmg]?)$/iu.exec(value) ?? [];
    const factor = units[unit.toLowerCase()];
    if (digits !== undefined && factor !== undefined) return Number(digits) * factor;
    return this.bad(name, 'must be a size such as "8m", or "0" for no limit');
  }

  /** An http or https URL; nginx variables may stand in it. */
  url(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const isUrl =
      isHeaderValue(value) &&
      /^https?:\/\/[^/\s]+/u.test(value) &&
      URL.canParse(value.replaceAll('$', ''));
    return isUrl ? value : this.bad(name, 'must be an absolute http or https URL');
  }

  expression(name: string): RegExp | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    try {
      return new RegExp(value, 'u');
    } catch {
      return this.bad(name, `"${value}" is no regular expression`);
    }
  }

  /** Headers out of a ConfigMap's data; none of them where one could not be sent. */
  headers(name: string, data: Readonly<Record<string, string>> = {}): [string, string][] {
    const entries = Object.entries(data);
    const wrong = entries.find(([key, value]) => !isToken(key) || !isHeaderValue(value));
    if (wrong === undefined) return entries;
    this.bad(name, `"${wrong[0]}" is no header, or has a value that no header has`);
    return [];
  }

  /** Reports a value; always undefined, so that a reader's last line can return it. */
  bad(name: string, message: string): undefined {
    this.report('ANNOTATION_INVALID', name, `${message}; the annotation is ignored`);
    return undefined;
  }
}
