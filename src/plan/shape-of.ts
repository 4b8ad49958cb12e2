import type { Capture, Masquerading } from '../services/index.ts';
import { disjointBlocks } from './cidr-members.ts';
import type { GuardedShape, LocalShape, PickShape, Scope, SessionShape, Shape } from './shape.ts';
import { scopeOf, type Slots } from './slots.ts';

/** The shape of a capture that forwards. */
export function shapeOf(capture: Capture, slots: Slots): Shape {
  const shape = unguarded(capture, slots);
  return capture.sourceRanges === undefined ? shape : guarded(capture.sourceRanges, shape);
}

/** The shape of a capture that refuses, if it has one: who may not come in is not told that nobody is there. */
export function refusalShape({ sourceRanges, verdict }: Capture): GuardedShape | undefined {
  if (sourceRanges === undefined || verdict.action === 'drop') return undefined;
  return guarded(sourceRanges, { kind: 'refuse' });
}

function guarded(ranges: readonly string[], inside: GuardedShape['inside']): GuardedShape {
  const lengths = new Set(disjointBlocks(ranges).map(({ prefixLength }) => prefixLength));
  return { kind: 'guarded', prefixLengths: [...lengths].sort((a, b) => a - b), inside };
}

function unguarded(capture: Capture, slots: Slots): PickShape | SessionShape | LocalShape {
  const { verdict, internal } = capture;
  if (internal?.action === 'forward') {
    const hasOutside = slots.local.length > 0;
    return {
      kind: 'local',
      pods: picking(capture, slots, { masquerade: 'never', scope: 'cluster' }),
      node: picking(capture, slots, { masquerade: 'always', scope: 'cluster' }),
      outside: hasOutside
        ? picking(capture, slots, { masquerade: 'never', scope: 'local' })
        : undefined,
    };
  }
  const masquerade = verdict.action === 'forward' ? verdict.masquerade : 'never';
  return picking(capture, slots, { masquerade, scope: scopeOf(verdict) });
}

function picking(
  { affinity }: Capture,
  { cluster, local }: Slots,
  { masquerade, scope }: { readonly masquerade: Masquerading; readonly scope: Scope },
): PickShape | SessionShape {
  const isLocal = scope === 'local';
  const count = isLocal ? local.length : cluster.length;
  const common = { count, offset: isLocal ? cluster.length : 0, masquerade };
  return affinity === undefined
    ? { kind: 'pick', ...common }
    : { kind: 'session', ...common, scope, timeoutSeconds: affinity.timeoutSeconds };
}
