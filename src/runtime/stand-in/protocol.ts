/** What the first bytes of a TCP connection are: `undecided` needs more of them. */
export type Protocol = 'http1' | 'http2' | 'other' | 'undecided';

/** RFC 9113, 3.4: how a client that knows the server speaks HTTP/2 begins. */
const http2Preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Methods of the IANA registry that clients use; each is followed by a space. */
const methods =
  'GET HEAD POST PUT DELETE OPTIONS PATCH TRACE CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH PURGE'
    .split(' ')
    .map((method) => `${method} `);

/** Decides by the first bytes what a connection speaks. */
export function sniff(bytes: Uint8Array): Protocol {
  const begin = Buffer.from(bytes.subarray(0, http2Preface.length)).toString('latin1');
  if (begin === http2Preface) return 'http2';
  if (methods.some((method) => begin.startsWith(method))) return 'http1';
  const isPossible = [http2Preface, ...methods].some((beginning) => beginning.startsWith(begin));
  return isPossible ? 'undecided' : 'other';
}
