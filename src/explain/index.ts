export type {
  Change,
  Detail,
  End,
  FieldPath,
  Hop,
  HttpStory,
  LiveOutcome,
  ObjectId,
  Path,
  Step,
  StepOutcome,
  Story,
  Transport,
} from './contract.ts';
export { explain, type Explained } from './explain.ts';
export { isRequest } from './http/request.ts';
export type { Known, Question } from './known.ts';
export type { Matrix } from './matrix/contract.ts';
export { diffMatrices, diffText, readMatrix, type CellChange } from './matrix/diff.ts';
export { matrixFormats } from './matrix/formats.ts';
export { matrixOf, type MatrixQuestion } from './matrix/matrix.ts';
export { parsePorts } from './matrix/ports.ts';
export type { Listener, Locator } from './scene.ts';
export { requireNamespace } from './places/find.ts';
export { noSuchNamespace, noSuchObject } from './places/missing.ts';
export { policiesOf, type PodPolicies } from './selection/policies-of.ts';
export { selectionOf, type PolicySelection } from './selection/selects.ts';
export { storyText } from './story-text.ts';
export type { Walk } from './walk.ts';
