export { errnoOf, isMissing } from './errno.ts';
export { readJsonFile, readTextFile } from './read-file.ts';
export { createFile, replaceFile, type WriteOptions } from './write-file.ts';
