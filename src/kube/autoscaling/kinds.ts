import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';

/** The kinds of autoscaling. */
export const autoscalingKinds: readonly KindDefinition[] = [anyKind(horizontalPodAutoscalerKind)];
