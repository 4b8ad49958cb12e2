import {
  explain,
  isRequest,
  type Known,
  type Listener,
  type Question,
  type Story,
  type Walk,
} from '../../explain/index.ts';
import { Fault } from '../../fault/index.ts';
import { createKernel } from '../../kernel/index.ts';
import { keyOf } from '../../kube/index.ts';
import type { ClusterDirectories } from '../directories.ts';
import { gather } from './gather.ts';
import { podPin, readListeners } from './listeners.ts';
import { tryLive } from './live.ts';
import type { InquirySource } from './request.ts';

export interface ExplainRequest extends InquirySource, Question {
  /** Sends the real connection, too. */
  readonly isLive?: boolean;
}

/** The waiting sockets of the pods that connections end at, as far as they run here. */
function listenersOf(
  directories: ClusterDirectories,
  walks: readonly Walk[],
): ReadonlyMap<string, readonly Listener[]> {
  // Entering a namespace is root's.
  if (process.getuid?.() !== 0) return new Map();
  const kernel = createKernel();
  const pods = new Set(walks.flatMap(({ arrival }) => arrival?.station.pod ?? []));
  return new Map(
    [...pods].flatMap((pod) => {
      const pin = pod.spec.hostNetwork === true ? undefined : podPin(directories, pod);
      return pin === undefined ? [] : [[keyOf(pod), readListeners(kernel, pin)] as const];
    }),
  );
}

function requireOwnCluster({ files, context, changes }: ExplainRequest): void {
  if (files === undefined && context === undefined && (changes ?? []).length === 0) return;
  throw new Fault({
    code: 'NOT_LIVE',
    message: '--live sends a real connection, which needs a running cluster of Portolan as it is',
    advice: 'Leave out --live, or -f, --with and --context.',
  });
}

/** What can be said without asking who listens tells whom to ask. */
function withListeners(known: Known, request: ExplainRequest): Known {
  if (request.files !== undefined || request.context !== undefined) return known;
  const { walks } = explain(known, request);
  return { ...known, listeners: listenersOf(request.directories, walks) };
}

/** What is tried from outside comes from the fabric, which policies and source ranges may know. */
async function withOutside(known: Known): Promise<Known> {
  // Who only asks need not wait for all that nodes are made of.
  const { defaultBlocks, outsideAddresses } = await import('../../node/index.ts');
  return { ...known, outside: outsideAddresses(defaultBlocks) };
}

/** Tells a connection; with `isLive` also tries it. @throws Fault, ApiError */
export async function explainConnection(request: ExplainRequest): Promise<Story> {
  if (request.isLive === true) requireOwnCluster(request);
  const { known, notes } = await gather({ ...request, withRoutes: isRequest(request.to) });
  const asked = request.isLive === true ? await withOutside(known) : known;
  const { story, walks } = explain(withListeners(asked, request), request);
  const told = { ...story, notes: [...story.notes, ...notes] };
  if (request.isLive !== true) return told;
  const live = await tryLive(request.directories, walks, story.protocol);
  const note =
    live.length === 0
      ? ['nothing was sent: there is no address to send to, or no source of it runs here']
      : [];
  return { ...told, live, notes: [...told.notes, ...note] };
}
