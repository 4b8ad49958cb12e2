import { STATUS_CODES } from 'node:http';
import { writeFileSync } from 'node:fs';
import { errorPage } from '../node-engine/worker/error-page.ts';
import { errorFile, errorPages, type EngineFiles } from './configuration.ts';

/** Writes what HAProxy answers by itself: the pages of the embedded engine. */
export function writeErrorPages(files: EngineFiles): void {
  for (const { asked, answered } of errorPages) {
    const page = errorPage(answered);
    const head = [
      `HTTP/1.1 ${answered} ${STATUS_CODES[answered] ?? ''}`,
      'Content-Type: text/html',
      `Content-Length: ${Buffer.byteLength(page)}`,
    ];
    // Who sends what cannot be read has to begin anew.
    if (answered < 500) head.push('Connection: close');
    writeFileSync(errorFile(files, asked), `${head.join('\r\n')}\r\n\r\n${page}`);
  }
}
