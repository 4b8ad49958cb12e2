import type { Capture, Masquerading } from '../services/index.ts';
import type { GuardedShape, PickShape, Scope, SessionShape, Shape } from './shape.ts';
import { scopeOf, type Slots } from './slots.ts';

/** The shape of a capture that forwards. */
export function shapeOf(capture: Capture, slots: Slots): Shape {
  const shape = unguarded(capture, slots);
  return capture.sourceRanges === undefined ? shape : { kind: 'guarded', inside: shape };
}

function unguarded(capture: Capture, slots: Slots): GuardedShape['inside'] {
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
