import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterDirectories, findDirectories, type ClusterDirectories } from '../directories.ts';
import { RECORD_FORMAT, type ClusterRecord } from '../record.ts';

/** A home of a test's own, gone at its end: `using home = new TestHome()`. */
export class TestHome implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'portolan-home-'));

  get all(): ReturnType<typeof findDirectories> {
    return findDirectories({ PORTOLAN_HOME: this.path });
  }

  cluster(name = 'portolan'): ClusterDirectories {
    return clusterDirectories(this.all, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The record of a cluster that was made and never ran. */
export function recordOf(change: Partial<ClusterRecord> = {}): ClusterRecord {
  return {
    format: RECORD_FORMAT,
    name: 'portolan',
    index: 0,
    nodes: ['node1', 'node2', 'node3'],
    images: 'auto',
    apiPort: 6443,
    created: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

/** For assert.throws and assert.rejects: a Fault of this code. */
export function fault(code: string): { readonly code: string } {
  return { code };
}
