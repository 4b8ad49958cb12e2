/**
 * What both ends of a SPDY/3 connection know before the first header block, so that even the first one compresses well
 * (SPDY/3 draft, 2.6.10.1): names and values as a header block would spell them, each behind its 32-bit length, then a
 * run of text without lengths.
 */
const LENGTH_PREFIXED = `options head post put delete trace accept accept-charset accept-encoding accept-language
accept-ranges age allow authorization cache-control connection content-base content-encoding content-language
content-length content-location content-md5 content-range content-type date etag expect expires from host if-match
if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma
proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade
user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie
keep-alive origin`;

const STATUS_CODES =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505';

const REASONS = [
  '203 Non-Authoritative Information',
  '204 No Content',
  '301 Moved Permanently',
  '400 Bad Request',
  '401 Unauthorized',
  '403 Forbidden',
  '404 Not Found',
  '500 Internal Server Error',
  '501 Not Implemented',
  '503 Service Unavailable',
];

const DATES =
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT';

const VALUES = [
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,',
  'publicprivatemax-age=gzip,deflate,sdch',
  'charset=utf-8charset=iso-8859-1,utf-,*,enq=0.',
];

function lengthPrefixed(text: string): Buffer {
  const prefixed = Buffer.alloc(4 + text.length);
  prefixed.writeUInt32BE(text.length);
  prefixed.write(text, 4, 'latin1');
  return prefixed;
}

/** The 1423 bytes; their Adler-32 checksum, {@link DICTIONARY_ID}, heads every compressed connection. */
export const DICTIONARY: Buffer = Buffer.concat([
  ...LENGTH_PREFIXED.split(/\s+/).map((word) => lengthPrefixed(word.replace('_', ' '))),
  Buffer.from([STATUS_CODES, ...REASONS, DATES, ...VALUES].join(''), 'latin1'),
]);

export const DICTIONARY_ID = 0xe3c6a7c2;
