import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createKernel } from '../../kernel/index.ts';
import { Connection, listLinks } from '../../netlink/index.ts';

/** What a call of the plugin left behind. */
export interface Called {
  readonly exit: number;
  /** What it printed, read; undefined for nothing. */
  readonly answer: Record<string, unknown> | undefined;
}

/** One call, as a runtime makes it. */
export interface Call {
  readonly command: string;
  readonly containerID?: string;
  readonly netns?: string;
  readonly ifname?: string;
  readonly path?: string;
  readonly input: object;
}

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'portolan-cni');

/** A node without a network and containers in namespaces of their own, where `bin/portolan-cni` is called. */
export class TestMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'portolan-cni-'));
  readonly dataDir = join(this.folder, 'data');
  private readonly kernel = createKernel();
  private readonly node = join(this.folder, 'node');
  private readonly pins = [this.node];

  constructor() {
    this.kernel.createNetworkNamespace(this.node);
  }

  /** Makes the namespace of a container. @returns its pin */
  container(name: string): string {
    const pin = join(this.folder, name);
    this.kernel.createNetworkNamespace(pin);
    this.pins.push(pin);
    return pin;
  }

  removeContainer(pin: string): void {
    this.kernel.deleteNamespace(pin);
  }

  async call({ command, containerID, netns, ifname = 'eth0', path, input }: Call): Promise<Called> {
    const env = {
      PATH: process.env['PATH'],
      CNI_COMMAND: command,
      CNI_IFNAME: ifname,
      ...(containerID === undefined ? {} : { CNI_CONTAINERID: containerID }),
      ...(netns === undefined ? {} : { CNI_NETNS: netns }),
      ...(path === undefined ? {} : { CNI_PATH: path }),
    };
    const child = this.kernel.inNamespace(this.node, () =>
      spawn(program, [], { env, stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    child.stdin.end(JSON.stringify(input));
    const ended = new Promise<number>((resolve) => {
      child.once('close', (code) => resolve(code ?? -1));
    });
    const [exit, printed] = await Promise.all([ended, text(child.stdout)]);
    const answer = printed === '' ? undefined : (JSON.parse(printed) as Record<string, unknown>);
    return { exit, answer };
  }

  /** Whether an address answers a container. */
  pings(from: string, to: string): boolean {
    const command = ['ping', '-c', '1', '-W', '2', to];
    return this.kernel.inNamespace(from, () => spawnSync('busybox', command)).status === 0;
  }

  /** Runs a command in a namespace, the node's without one; it must succeed. */
  run(netns: string | undefined, command: readonly string[]): string {
    const [file = '', ...args] = command;
    const { status, stdout, stderr } = this.kernel.inNamespace(netns ?? this.node, () =>
      spawnSync(file, args, { encoding: 'utf8' }),
    );
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** The node's interfaces besides its loopback. */
  links(): string[] {
    const connection = new Connection(this.kernel.openRouteSocket(this.node));
    try {
      return listLinks(connection)
        .filter(({ loopback }) => !loopback)
        .map(({ name }) => name);
    } finally {
      connection.close();
    }
  }

  close(): void {
    for (const pin of this.pins) this.kernel.deleteNamespace(pin);
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(this.folder));
    rmSync(this.folder, { recursive: true });
  }
}
