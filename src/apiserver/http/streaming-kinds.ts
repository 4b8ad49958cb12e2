import type { StreamingKind } from '../streaming/contract.ts';

/** The pod subresources that need an upgraded connection. */
const streamingKinds: readonly StreamingKind[] = ['exec', 'attach', 'portforward'];

/** The streaming subresource of that name, if it is one. */
export function streamingKind(name: string | undefined): StreamingKind | undefined {
  return streamingKinds.find((kind) => kind === name);
}
