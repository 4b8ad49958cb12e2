export type {
  Change,
  Detail,
  End,
  FieldPath,
  Hop,
  LiveOutcome,
  ObjectId,
  Path,
  Step,
  StepOutcome,
  Story,
  Transport,
} from './contract.ts';
export { explain, type Explained, type Known, type Question } from './explain.ts';
export type { Listener, Locator } from './scene.ts';
export { storyText } from './story-text.ts';
export type { Walk } from './walk.ts';
