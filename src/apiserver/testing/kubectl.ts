import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubectls, type Kubectl } from '../streaming/testing/kubectl.ts';
import type { TestServer } from './api-server.ts';

export { kubectls, type Kubectl };

/** What one kubectl command printed: both streams, in a form that golden texts compare with. */
export interface Printed {
  readonly code: number;
  readonly text: string;
}

/** Runs kubectl commands against a test server, with caches of their own. */
export class KubectlRunner {
  private readonly kubectl: Kubectl;
  private readonly server: TestServer;
  private home = '';

  constructor(kubectl: Kubectl, server: TestServer) {
    this.kubectl = kubectl;
    this.server = server;
  }

  async open(): Promise<void> {
    this.home = await mkdtemp(join(this.server.directory, 'home-'));
  }

  /** Writes a manifest and returns its path. */
  async manifest(name: string, content: string): Promise<string> {
    const path = join(this.home, name);
    await writeFile(path, content);
    return path;
  }

  run(args: readonly string[], environment: Record<string, string> = {}): Promise<Printed> {
    const env = {
      ...process.env,
      HOME: this.home,
      KUBECONFIG: this.server.kubeconfig,
      ...environment,
    };
    return new Promise((resolve) => {
      execFile(this.kubectl.path ?? 'kubectl', args, { env }, (error, stdout, stderr) => {
        // The skew between an old kubectl and the version that the server reports is no news.
        const said = stderr.replaceAll(/^WARNING: version difference.*\n/gm, '');
        resolve({ code: error === null ? 0 : 1, text: stdout + said });
      });
    });
  }

  async close(): Promise<void> {
    await rm(this.home, { recursive: true });
  }
}
