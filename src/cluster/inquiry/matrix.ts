import { readFileSync } from 'node:fs';
import {
  diffMatrices,
  matrixOf,
  parsePorts,
  policiesOf,
  readMatrix,
  requireNamespace,
  selectionOf,
  type CellChange,
  type Matrix,
  type PodPolicies,
  type PolicySelection,
} from '../../explain/index.ts';
import { Fault, messageOf } from '../../fault/index.ts';
import { enforcementNotes } from './enforcement.ts';
import { gather } from './gather.ts';
import type { InquirySource } from './request.ts';

export interface MatrixRequest extends InquirySource {
  /** `80,443/TCP,53/UDP` */
  readonly ports?: string;
  /** A matrix that was saved as JSON. */
  readonly comparedWith?: string;
}

export interface MatrixAnswer {
  readonly matrix: Matrix;
  /** Against a saved matrix, or the cluster without the changes. */
  readonly changes?: readonly CellChange[];
  readonly notes: readonly string[];
}

function readSaved(file: string): Matrix {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault({
      code: 'MATRIX_UNREADABLE',
      message: `cannot read ${file}: ${messageOf(cause)}`,
      advice: `Make it: portolan matrix -o json > ${file}`,
      cause,
    });
  }
  return readMatrix(text, file);
}

function emptyNotes({ subjects }: Matrix, namespace: string | undefined): string[] {
  const isEmpty = subjects.every(({ pods }) => pods.length === 0);
  return isEmpty && namespace !== undefined ? [`there is no pod in namespace ${namespace}`] : [];
}

/** Who reaches whom, and what changes. @throws Fault, ApiError */
export async function askMatrix(request: MatrixRequest): Promise<MatrixAnswer> {
  const { namespace, ports, comparedWith, changes } = request;
  const question = {
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    ...(ports === undefined ? {} : { ports: parsePorts(ports) }),
  };
  const saved = comparedWith === undefined ? undefined : readSaved(comparedWith);
  const { known, before, notes } = await gather(request);
  if (namespace !== undefined) requireNamespace(known, namespace);
  const matrix = matrixOf(known, question);
  const isApplied = (changes ?? []).length > 0;
  const old = saved ?? (isApplied ? matrixOf({ ...known, objects: before }, question) : undefined);
  return {
    matrix,
    notes: [...notes, ...emptyNotes(matrix, namespace), ...enforcementNotes(request)],
    ...(old === undefined ? {} : { changes: diffMatrices(old, matrix) }),
  };
}

/** Which policies hit a pod, or the pods of a workload. @throws Fault, ApiError */
export async function askPolicies(source: InquirySource, place: string): Promise<PodPolicies[]> {
  const { known } = await gather(source);
  return policiesOf(known, place);
}

/** Which pods a policy selects. @throws Fault, ApiError */
export async function askSelection(
  source: InquirySource,
  policy: string,
): Promise<PolicySelection> {
  const { known } = await gather(source);
  return selectionOf(known, policy);
}
