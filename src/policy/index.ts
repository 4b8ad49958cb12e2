export type * from './contract.ts';
export type * from './compiled.ts';
export { judgeConnection } from './judge-connection.ts';
