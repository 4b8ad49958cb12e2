import type { ServerResponse } from 'node:http';

/** Answers with JSON: 200 when healthy, else 503. */
export function answerHealth(
  response: ServerResponse,
  isHealthy: boolean,
  { body, headers = {} }: { readonly body: unknown; readonly headers?: Record<string, string> },
): void {
  response.writeHead(isHealthy ? 200 : 503, {
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Answers that there is nothing here. */
export function answerNotFound(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end('404 page not found\n');
}
