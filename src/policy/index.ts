export type * from './contract.ts';
export type * from './compiled.ts';
export { ANY_OUTSIDER, ANY_POD, EVERYTHING, FIRST_CLASS, NOTHING } from './compiled.ts';
export { judgeConnection } from './judge-connection.ts';
export { PolicyCompiler } from './tables/policy-compiler.ts';
export {
  matrix,
  PolicyMatrix,
  type MatrixGroup,
  type MatrixOptions,
  type MatrixPair,
} from './matrix/matrix.ts';
export { policiesOf, selects } from './selection.ts';
export type { FindingCode, FindingWorld, PolicyFinding } from './findings/finding.ts';
export { policyFindings } from './findings/policy-findings.ts';
