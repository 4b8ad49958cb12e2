import { STATUS_CODES } from 'node:http';

/** Texts that differ from Node's, as people know them from nginx. */
const texts: Readonly<Record<number, string>> = {
  302: 'Found',
  413: 'Request Entity Too Large',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

const pages = new Map<number, string>();

/** The page of a status. */
export function errorPage(status: number): string {
  const known = pages.get(status);
  if (known !== undefined) return known;
  const title = `${status} ${texts[status] ?? STATUS_CODES[status] ?? ''}`.trim();
  const page = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>portolan</center>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
  pages.set(status, page);
  return page;
}
