export type { CommandModule, CommonOptions } from './command.ts';
