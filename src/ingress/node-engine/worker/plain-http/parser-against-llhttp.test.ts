import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { BadResponse, ResponseParser } from './response-parser.ts';

/** An answer as a reader of it tells; undefined where it is none, or not whole. */
interface Told {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

/** Runs of the property that leave enough answers which are whole; each of these costs a connection. */
const RUNS = 2000;

let server: Server;
let bytes: Buffer;

before(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => void server.close());

function sorted(pairs: readonly (readonly [string, string])[]): Told['headers'] {
  return pairs.toSorted(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
}

function pairsOf(fields: Readonly<Record<string, unknown>>): Told['headers'] {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, String(one)] as const),
  );
  return sorted(pairs);
}

/** What our reader says of an answer that comes in these pieces, and then ends. */
function ours(pieces: readonly Buffer[]): Told | undefined {
  let told: Omit<Told, 'body' | 'trailers'> | undefined;
  let body = '';
  let trailers: Told['trailers'] | undefined;
  const parser = new ResponseParser({
    onHead: (status, headers) => (told = { status, headers: pairsOf(headers) }),
    onBody: (piece) => (body += piece.toString('latin1')),
    onEnd: (fields) => (trailers = pairsOf(fields)),
  });
  try {
    for (const piece of pieces) parser.feed(piece);
    parser.end();
  } catch (error) {
    if (error instanceof BadResponse) return undefined;
    throw error;
  }
  return told === undefined || trailers === undefined ? undefined : { ...told, body, trailers };
}

function rawPairs(raw: readonly string[]): Told['headers'] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    pairs.push([raw[at]?.toLowerCase() ?? '', raw[at + 1] ?? '']);
  }
  return sorted(pairs);
}

/** What Node's client (llhttp) says of the same bytes over a socket. */
async function llhttp(answer: Buffer): Promise<Told | undefined> {
  bytes = answer;
  const { port } = server.address() as AddressInfo;
  try {
    const asked = request({ port, host: '127.0.0.1', agent: false }).end();
    // What follows an answer is an error for llhttp; the answer was whole before.
    asked.on('error', () => {});
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    if (!response.complete) return undefined;
    return {
      status: response.statusCode ?? 0,
      headers: rawPairs(response.rawHeaders),
      body: Buffer.concat(chunks).toString('latin1'),
      trailers: rawPairs(response.rawTrailers),
    };
  } catch {
    return undefined;
  }
}

/** Mostly right parts, so that what is put together of them is nearly an answer. */
const line = fc.oneof(
  { weight: 6, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\n ', '\r\n\t', ' \r\n') },
);
const field = fc.constantFrom(
  'Content-Length: 5',
  'Content-Length: 0',
  'content-length:\t5 ',
  'Content-Length: 5, 5',
  'Content-Length: +5',
  'Content-Length: 0x5',
  'Transfer-Encoding: chunked',
  'transfer-encoding: Chunked ',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding : chunked',
  'Connection: close',
  'Connection: keep-alive, X-A',
  'X-A: 1',
  'X-A:',
  'X-B: \u00e9\u00ff',
  'X-C: a\u0000b',
  'X-D: \u007f',
  'Set-Cookie: a=1',
  'Set-Cookie: b=2',
  'Bad Name: 1',
  ': 1',
  'none',
);
const status = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1 200 ',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 404 N\u00e9',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 103 Early Hints',
  'HTTP/1.1 99 Low',
  'HTTP/1.1 2000 High',
  'HTTP/2.0 200 OK',
  'HTTP/1.1  200 OK',
  'http/1.1 200 OK',
);
const body = fc.constantFrom(
  '',
  'hello',
  'hello, all',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  '5;a="\r\nhello\r\n0\r\n\r\n',
  '05\r\nhello\r\n00\r\n\r\n',
  '5\nhello\n0\n\n',
  '5\r\nhelloX\r\n0\r\n\r\n',
  'FFFFFFFFFFFFFFFFF\r\nhello',
  '-5\r\nhello\r\n0\r\n\r\n',
  '0\r\nX-T : 1\r\n\r\n',
  '0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
);
const head = fc
  .tuple(status, fc.array(fc.tuple(line, field), { maxLength: 4 }), line, line)
  .map(([first, fields, a, b]) => `${first}${fields.flat().join('')}${a}${b}`);
const answers = fc
  .tuple(fc.array(head, { minLength: 1, maxLength: 2 }), body)
  .map(([heads, rest]) => Buffer.from(heads.join('') + rest, 'latin1'));
const cuts = fc.array(fc.nat(200), { maxLength: 6 });

function pieces(answer: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.filter((end) => end < answer.length), answer.length].sort((a, b) => a - b);
  return ends.map((end, index) => answer.subarray(ends[index - 1] ?? 0, end));
}

test('however it is cut, an answer is read alike', () => {
  fc.assert(
    fc.property(answers, cuts, (answer, at) => {
      assert.deepEqual(ours(pieces(answer, at)), ours([answer]));
    }),
    { numRuns: 5000 },
  );
});

test('what is read, llhttp reads alike', async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const told = ours([answer]);
      if (told === undefined) return;
      read += 1;
      assert.deepEqual(told, await llhttp(answer));
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 5000 },
  );
  assert.ok(read > 0, 'none of the answers was one');
});
