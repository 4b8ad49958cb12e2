import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** A page of one of the small HTTP servers: code and text. */
export type Page = () => { readonly status: number; readonly text: string };

/** Pages by path. */
export type Pages = Readonly<Record<string, Page>>;

/** Serves text pages on a listening socket, which is the server's from now on. */
export class TextPages {
  private readonly server: Server;
  private pages: Pages;

  private constructor(pages: Pages) {
    this.pages = pages;
    this.server = createServer((request, response) => {
      const path = (request.url ?? '/').replace(/\?.*/, '');
      const page = Object.hasOwn(this.pages, path) ? this.pages[path] : undefined;
      const { status, text } = page?.() ?? { status: 404, text: '404 page not found\n' };
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(text);
    });
  }

  static async start(fd: number, pages: Pages): Promise<TextPages> {
    const server = new TextPages(pages);
    server.server.listen({ fd });
    await once(server.server, 'listening');
    return server;
  }

  /** Serves other pages from now on. */
  use(pages: Pages): void {
    this.pages = pages;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
