import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../netlink/index.ts';
import { createKernel } from '../create-kernel.ts';
import type { Kernel } from '../kernel.ts';

/** The real kernel with namespaces that vanish at the end. */
export class TestKernel {
  readonly kernel: Kernel = createKernel();
  /** Where the pins are. */
  readonly directory = mkdtempSync(join(tmpdir(), 'portolan-kernel-'));
  private readonly cleanups: (() => void)[] = [];

  /** A path for a pin that is taken away at the end. */
  pin(name: string): string {
    const path = join(this.directory, name);
    this.cleanups.push(() => this.kernel.deleteNamespace(path));
    return path;
  }

  /** A fresh network namespace. */
  namespace(name: string): string {
    const path = this.pin(name);
    this.kernel.createNetworkNamespace(path);
    return path;
  }

  /** A route connection to a namespace. */
  connect(path: string): Connection {
    const connection = new Connection(this.kernel.openRouteSocket(path));
    this.cleanups.push(() => connection.close());
    return connection;
  }

  /** A netfilter connection to a namespace. */
  connectNetfilter(path: string): Connection {
    const connection = new Connection(this.kernel.openNetfilterSocket(path));
    this.cleanups.push(() => connection.close());
    return connection;
  }

  /** Mount points below the test's directory. */
  mounts(): string[] {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((mountPoint) => mountPoint.startsWith(`${this.directory}/`));
  }

  /** Undoes everything, the last first. */
  dispose(): void {
    for (const cleanup of this.cleanups.reverse()) cleanup();
    rmSync(this.directory, { recursive: true });
  }
}
