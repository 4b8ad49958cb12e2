import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadResponse, ResponseParser } from './response-parser.ts';

interface Heard {
  readonly status?: number;
  readonly headers?: Record<string, unknown>;
  readonly message?: string;
  readonly body: string;
  readonly trailers?: Record<string, unknown>;
  readonly isReusable: boolean;
}

/** What is heard of an answer that comes in pieces of so many bytes. */
function hear(text: string, size = text.length, closes = false): Heard {
  const heard: Record<string, unknown> = {};
  let body = '';
  const parser = new ResponseParser({
    onHead: (status, headers, message) =>
      Object.assign(heard, { status, message, headers: { ...headers } }),
    onBody: (piece) => (body += piece.toString('latin1')),
    onEnd: (trailers) => Object.assign(heard, { trailers: { ...trailers } }),
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) parser.feed(bytes.subarray(at, at + size));
  if (closes) parser.end();
  return { ...heard, body, isReusable: parser.isReusable };
}

const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

const answers: readonly [title: string, text: string, expected: Partial<Heard>][] = [
  [
    'a length',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 5', 'X-A: 1', 'x-a:\t2 ')}hello`,
    {
      status: 200,
      message: 'OK',
      headers: { 'content-length': '5', 'x-a': ['1', '2'] },
      body: 'hello',
      trailers: {},
      isReusable: true,
    },
  ],
  ['no body at all', head('HTTP/1.1 200 OK', 'Content-Length: 0'), { body: '', trailers: {} }],
  [
    'chunks, with extensions and trailers',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked')}5\r\nhello\r\nA;x=1\r\n, you all!\r\n0\r\nX-Sum: 7\r\n\r\n`,
    { body: 'hello, you all!', trailers: { 'x-sum': '7' }, isReusable: true },
  ],
  [
    'interim answers before',
    `${head('HTTP/1.1 103 Early Hints', 'Link: </a>')}${head('HTTP/1.1 204 No Content')}`,
    { status: 204, body: '', trailers: {}, isReusable: true },
  ],
  [
    'no status text',
    head('HTTP/1.1 404', 'Content-Length: 0'),
    { status: 404, message: '', trailers: {} },
  ],
  [
    'a connection that ends',
    head('HTTP/1.1 200 OK', 'Connection: Close', 'Content-Length: 0'),
    { trailers: {}, isReusable: false },
  ],
  [
    'HTTP/1.0 that stays',
    head('HTTP/1.0 200 OK', 'Connection: keep-alive', 'Content-Length: 0'),
    { trailers: {}, isReusable: true },
  ],
  ['HTTP/1.0', head('HTTP/1.0 200 OK', 'Content-Length: 0'), { isReusable: false }],
  [
    'a length where there is no body',
    head('HTTP/1.1 304 Not Modified', 'Content-Length: 5'),
    { status: 304, body: '', trailers: {}, isReusable: false },
  ],
];

for (const [title, text, expected] of answers) {
  test(`reads ${title}, in whatever pieces it comes`, () => {
    for (const size of [text.length, 7, 1]) {
      const heard = hear(text, size);
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(heard[field as keyof Heard], value, `${field}, ${size} bytes at a time`);
      }
    }
  });
}

test('a body without length lasts until the upstream closes', () => {
  const text = `${head('HTTP/1.1 200 OK')}all of it`;
  assert.equal(hear(text).trailers, undefined);
  const heard = hear(text, 5, true);
  assert.deepEqual([heard.body, heard.trailers, heard.isReusable], ['all of it', {}, false]);
});

test('an answer that breaks off is not whole', () => {
  const text = `${head('HTTP/1.1 200 OK', 'Content-Length: 9')}half`;
  assert.equal(hear(text, 4, true).trailers, undefined);
});

test('what comes after an answer is not the next one', () => {
  const answer = `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`;
  const heard = hear(`${answer}${answer}`);
  assert.deepEqual([heard.body, heard.isReusable], ['ok', false]);
});

const bad: readonly [what: string, text: string][] = [
  ['no status line', head('HELO there')],
  ['another version', head('HTTP/2.0 200 OK')],
  ['another protocol', head('HTTP/1.1 101 Switching Protocols', 'Upgrade: x')],
  ['line feeds alone', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
  ['a line feed in a value', head('HTTP/1.1 200 OK', 'X-A: 1\nX-B: 2', 'Content-Length: 0')],
  ['a folded line', head('HTTP/1.1 200 OK', 'X-A: 1', ' 2', 'Content-Length: 0')],
  ['a space before the colon', head('HTTP/1.1 200 OK', 'Content-Length : 0')],
  ['two lengths', head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 2')],
  ['a list of lengths', head('HTTP/1.1 200 OK', 'Content-Length: 1, 1')],
  ['a signed length', head('HTTP/1.1 200 OK', 'Content-Length: +1')],
  ['a length too long', head('HTTP/1.1 200 OK', `Content-Length: ${'9'.repeat(17)}`)],
  [
    'a length and an encoding',
    head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
  ],
  ['another encoding', head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked')],
  ['a chunk without size', `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}0x5\r\n`],
  ['a chunk that goes on', `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}1\r\nab\r\n`],
  ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(70_000)}`],
];

for (const [what, text] of bad) {
  test(`refuses ${what}`, () => {
    assert.throws(() => hear(text), BadResponse);
    assert.throws(() => hear(text, 3), BadResponse);
  });
}
