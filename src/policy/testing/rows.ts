import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../kube/index.ts';
import type { Party } from '../contract.ts';
import { judgeConnection } from '../judge-connection.ts';
import { attemptOf, worldOf, type WorldFacts } from './objects.ts';

/** One connection and whether it is admitted: `[web, db, 'TCP 5432', true]`. */
export type Case = readonly [
  source: Pod | Party | string,
  destination: Pod | Party | string,
  to: string,
  admits: boolean,
];

/** A row of the table of behaviours, in the file's words. */
export interface Row {
  /** Of the specification's table. */
  readonly row: number;
  readonly title: string;
  readonly world: WorldFacts;
  readonly cases: readonly Case[];
}

/** A test for each row. */
export function testRows(rows: readonly Row[]): void {
  for (const { row, title, world, cases } of rows) {
    test(`row ${row}: ${title}`, () => {
      for (const [source, destination, to, admits] of cases) {
        const verdict = judgeConnection(worldOf(world), attemptOf(source, destination, to));
        const what = `${nameOf(source)} to ${nameOf(destination)}, ${to}: ${JSON.stringify(verdict)}`;
        assert.equal(verdict.admits, admits, what);
      }
    });
  }
}

function nameOf(end: Pod | Party | string): string {
  if (typeof end === 'string') return end;
  return 'kind' in end ? end.metadata.name : (end.node ?? 'an address');
}
