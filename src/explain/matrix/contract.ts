/** Changes when a field changes its meaning or goes. */
export const MATRIX_VERSION = 'portolan.matrix/v1';

/** A port with its protocol, as `80/TCP`. */
export interface MatrixPort {
  /** 0 for ICMP. */
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
}

/** Pods of which every policy holds alike, or the world outside. */
export interface Subject {
  /** `shop/web`, or `outside`; unique. */
  readonly name: string;
  /** Names of the pods, without the namespace; none of the world outside. */
  readonly pods: readonly string[];
}

/** Whether connections from one subject to another are admitted by policies. */
export interface Cell {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly admits: boolean;
}

/** Who reaches whom, as far as policies decide; also what `-o json` prints and `--diff` reads. */
export interface Matrix {
  readonly schemaVersion: typeof MATRIX_VERSION;
  readonly subjects: readonly Subject[];
  readonly cells: readonly Cell[];
}
