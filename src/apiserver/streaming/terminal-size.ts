import type { Readable } from 'node:stream';

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

const MAX_PENDING = 4096;

/**
 * Calls back with every size that arrives on a resize channel: `{"Width":80,"Height":24}`, one after the other,
 * with or without line ends between them. What is no size is skipped: a terminal of the wrong size is still one.
 */
export function watchTerminalSize(channel: Readable, listener: (size: TerminalSize) => void): void {
  let pending = '';
  channel.on('data', (chunk: Buffer) => {
    const objects = (pending + chunk.toString('utf8')).split('}');
    pending = (objects.pop() ?? '').slice(-MAX_PENDING);
    for (const text of objects) {
      const size = parseSize(`${text}}`);
      if (size !== undefined) {
        listener(size);
      }
    }
  });
}

function parseSize(text: string): TerminalSize | undefined {
  const fields = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/"(Width|Height)"\s*:\s*(\d{1,5})\b/gi)) {
    fields.set(String(name).toLowerCase(), Number(value));
  }
  const width = fields.get('width');
  const height = fields.get('height');
  return width === undefined || height === undefined ? undefined : { width, height };
}
