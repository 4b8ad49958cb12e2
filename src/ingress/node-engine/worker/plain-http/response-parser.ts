import type { IncomingHttpHeaders } from 'node:http';

/** A head, or the trailers, longer than this is none. */
const LONGEST_HEAD = 64 * 1024;
/** A chunk's size and what may stand behind it. */
const LONGEST_SIZE_LINE = 1024;

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/u;
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\u0020-\u007e\u0080-\u00ff]*))?$/u;

/** A size, and extensions in which no quotation mark stays open (RFC 9112 section 7.1.1). */
const chunkSize =
  /^([0-9A-Fa-f]{1,12})(?:;[!#$%&'*+.^_`|~\w-]+(?:=(?:[!#$%&'*+.^_`|~\w-]+|"[\t !#-[\]-~\u0080-\u00ff]*"))?)*$/u;

/** What an interim answer has no use for, and readers disagree about. */
const framing = ['content-length', 'transfer-encoding', 'connection'] as const;

/** An answer that could be read in two ways, or in none. */
export class BadResponse extends Error {}

/** Who is told of an answer as it comes. */
export interface ResponseSink {
  readonly onHead: (status: number, headers: IncomingHttpHeaders, message: string) => void;
  readonly onBody: (piece: Buffer) => void;
  readonly onEnd: (trailers: IncomingHttpHeaders) => void;
}

const nothing = Buffer.alloc(0);

type State = 'head' | 'length' | 'size' | 'chunk' | 'chunk end' | 'trailers' | 'close' | 'over';

/**
 * Reads the answer to one GET (RFC 9112). Strict where lenience would let two readers disagree: line feeds alone, folded
 * lines, two lengths, a length beside an encoding, and encodings other than `chunked` are refused.
 */
export class ResponseParser {
  private readonly sink: ResponseSink;
  private state: State = 'head';
  private unread: Buffer = nothing;
  /** Bytes left of the body, or of its chunk. */
  private left = 0;
  /** Whether the connection can carry another request after this answer. */
  isReusable = true;

  constructor(sink: ResponseSink) {
    this.sink = sink;
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** @throws BadResponse */
  feed(piece: Buffer): void {
    this.unread = this.unread.length === 0 ? piece : Buffer.concat([this.unread, piece]);
    while (this.step());
    // Whoever says more than was asked for is not asked again.
    if (this.isOver && this.unread.length > 0) this.isReusable = false;
  }

  /** The upstream has closed. @returns false when the answer is not whole */
  end(): boolean {
    if (this.state === 'close') this.finish({});
    return this.isOver;
  }

  /** @returns false when more bytes are needed */
  private step(): boolean {
    switch (this.state) {
      case 'head':
        return this.readHead();
      case 'length':
        return this.readBody('over');
      case 'chunk':
        return this.readBody('chunk end');
      case 'size':
        return this.readSize();
      case 'chunk end':
        return this.readChunkEnd();
      case 'trailers':
        return this.readTrailers();
      case 'close':
        if (this.unread.length > 0) this.sink.onBody(this.take(this.unread.length));
        return false;
      default:
        return false;
    }
  }

  private take(length: number): Buffer {
    if (length === this.unread.length) {
      const all = this.unread;
      this.unread = nothing;
      return all;
    }
    const taken = this.unread.subarray(0, length);
    this.unread = this.unread.subarray(length);
    return taken;
  }

  /** The text before an end mark, which is taken away; undefined while it has not come. */
  private takeText(mark: string, longest: number): string | undefined {
    const end = this.unread.indexOf(mark, 0, 'latin1');
    if (end > longest || (end === -1 && this.unread.length > longest)) {
      throw new BadResponse('a part of the answer is too long');
    }
    if (end === -1) return undefined;
    const text = this.unread.toString('latin1', 0, end);
    this.unread = this.unread.subarray(end + mark.length);
    return text;
  }

  private readHead(): boolean {
    const text = this.takeText('\r\n\r\n', LONGEST_HEAD);
    if (text === undefined) return false;
    const [first = '', ...lines] = text.split('\r\n');
    const parts = statusLine.exec(first);
    if (parts === null) throw new BadResponse('no status line');
    const [, minor, code, message = ''] = parts;
    const status = Number(code);
    if (status === 101) throw new BadResponse('another protocol, which nobody asked for');
    const headers = fieldsOf(lines);
    if (status < 200) {
      // Between the upstream and us; the real one follows, unless this one says where it ends (RFC 9112 section 6).
      const isFramed = framing.some((name) => headers[name] !== undefined);
      if (isFramed) throw new BadResponse('an interim answer with an end of its own');
      return true;
    }
    this.isReusable = keepsAlive(headers.connection, minor === '1');
    this.frame(status, headers);
    this.sink.onHead(status, headers, message);
    if (this.state === 'length' && this.left === 0) this.finish({});
    return true;
  }

  /** RFC 9112 section 6.3. */
  private frame(status: number, headers: IncomingHttpHeaders): void {
    const { 'transfer-encoding': encoding, 'content-length': length } = headers as Record<
      string,
      unknown
    >;
    if (encoding !== undefined && length !== undefined) throw new BadResponse('two lengths');
    const isBodiless = status === 204 || status === 304;
    if (length !== undefined) {
      const size = typeof length === 'string' && /^\d+$/u.test(length) ? Number(length) : -1;
      if (!Number.isSafeInteger(size) || size < 0) throw new BadResponse('a length that is none');
      // A body may come nevertheless: it must not become the next answer.
      if (isBodiless && size > 0) this.isReusable = false;
      this.left = isBodiless ? 0 : size;
      this.state = 'length';
    } else if (isBodiless) {
      if (encoding !== undefined) this.isReusable = false;
      this.left = 0;
      this.state = 'length';
    } else if (encoding === undefined) {
      this.isReusable = false;
      this.state = 'close';
    } else if (typeof encoding === 'string' && encoding.toLowerCase() === 'chunked') {
      this.state = 'size';
    } else throw new BadResponse('an encoding that is not known');
  }

  private readBody(next: State): boolean {
    if (this.unread.length === 0) return false;
    const piece = this.take(Math.min(this.left, this.unread.length));
    this.left -= piece.length;
    this.sink.onBody(piece);
    if (this.left > 0) return false;
    if (next === 'over') this.finish({});
    else this.state = next;
    return true;
  }

  private readSize(): boolean {
    const text = this.takeText('\r\n', LONGEST_SIZE_LINE);
    if (text === undefined) return false;
    const digits = chunkSize.exec(text)?.[1];
    if (digits === undefined) throw new BadResponse('a chunk without a size');
    this.left = Number.parseInt(digits, 16);
    this.state = this.left === 0 ? 'trailers' : 'chunk';
    return true;
  }

  private readChunkEnd(): boolean {
    if (this.unread.length < 2) return false;
    if (this.take(2).toString('latin1') !== '\r\n') throw new BadResponse('a chunk that goes on');
    this.state = 'size';
    return true;
  }

  private readTrailers(): boolean {
    if (this.unread.length < 2) return false;
    const isEmpty = this.unread.toString('latin1', 0, 2) === '\r\n';
    const text = isEmpty ? '' : this.takeText('\r\n\r\n', LONGEST_HEAD);
    if (text === undefined) return false;
    if (isEmpty) this.take(2);
    this.finish(fieldsOf(isEmpty ? [] : text.split('\r\n')));
    return true;
  }

  private finish(trailers: IncomingHttpHeaders): void {
    this.state = 'over';
    // Before the end is told: whoever hears of it may ask for the next.
    if (this.unread.length > 0) this.isReusable = false;
    this.sink.onEnd(trailers);
  }
}

/** Fields by their names in lower case; those that come twice are lists. */
function fieldsOf(lines: readonly string[]): IncomingHttpHeaders {
  const fields: Record<string, string | string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (colon < 1 || !token.test(name) || !fieldValue.test(value) || name === '__proto__') {
      throw new BadResponse('a header that is none');
    }
    const key = name.toLowerCase();
    const known = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (known === undefined) fields[key] = value.trim();
    else if (typeof known === 'string') fields[key] = [known, value.trim()];
    else known.push(value.trim());
  }
  return fields;
}

function keepsAlive(
  connection: string | readonly string[] | undefined,
  byDefault: boolean,
): boolean {
  if (connection === undefined) return byDefault;
  if (connection === 'keep-alive') return true;
  const options = [connection]
    .flat()
    .join(',')
    .toLowerCase()
    .split(/[\t ,]+/u);
  if (options.includes('close')) return false;
  return byDefault || options.includes('keep-alive');
}
