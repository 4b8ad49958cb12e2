export type { FieldPath, ManifestObject, Manifests, Position } from './contract.ts';
export { parseManifests } from './parse.ts';
export { readManifests } from './read.ts';
