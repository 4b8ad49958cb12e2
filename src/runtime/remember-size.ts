import type { ContainerStreams } from './runtime.ts';

/**
 * The same streams, but a terminal size that arrives before anybody listens is kept: clients tell theirs at once,
 * containers take a moment to be entered.
 */
export function rememberSize(streams: ContainerStreams): ContainerStreams {
  const { stdin, stdout, stderr, tty, signal } = streams;
  let latest: { readonly width: number; readonly height: number } | undefined;
  let listener: Parameters<NonNullable<ContainerStreams['onResize']>>[0] | undefined;
  streams.onResize?.((size) => {
    latest = size;
    listener?.(size);
  });
  return {
    tty,
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(signal === undefined ? {} : { signal }),
    onResize: (next) => {
      listener = next;
      if (latest !== undefined) next(latest);
    },
  };
}
