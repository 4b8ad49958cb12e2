import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kernel } from '../src/kernel/index.ts';

/** Where a connection starts (a pin), and what it is made to. */
export interface Route {
  readonly from: string;
  readonly address: string;
  /** The ports of the servers behind it, when it has others for them than they listen on. */
  readonly ports?: { readonly throughput: number; readonly connect: number };
}

const THROUGHPUT_PORT = 5201;
const SECONDS = 1;
/** Milliseconds in which the server has to be done with the client before. */
const PATIENCE = 5000;

interface Iperf3Report {
  readonly end: { readonly sum_received?: { readonly bits_per_second: number } };
  readonly error?: string;
}

/** Starts `iperf3 -s` in the namespace; resolves with its end when it listens. */
export async function serveThroughput(kernel: Kernel, pin: string): Promise<() => Promise<void>> {
  const args = ['--server', '--forceflush', '--port', String(THROUGHPUT_PORT)];
  const server = kernel.inNamespace(pin, () =>
    spawn('iperf3', args, { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const exited = once(server, 'exit');
  const stop = async (): Promise<void> => {
    // It would tell of a gentler signal on stderr.
    server.kill('SIGKILL');
    await exited;
  };
  for await (const line of createInterface({ input: server.stdout })) {
    if (!line.includes('Server listening')) continue;
    server.stdout.resume();
    return stop;
  }
  throw new Error(`iperf3 ended in ${pin} before it listened`);
}

async function runClient(kernel: Kernel, { from, address, ports }: Route): Promise<Iperf3Report> {
  const port = ports?.throughput ?? THROUGHPUT_PORT;
  const args = ['--json', '--time', String(SECONDS), '--port', String(port)];
  const client = kernel.inNamespace(from, () =>
    spawn('iperf3', [...args, '--client', address], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  return (await json(client.stdout)) as Iperf3Report;
}

/** Gbit/s of one TCP stream, as received. */
export async function measureThroughput(kernel: Kernel, route: Route): Promise<number> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const { end, error = '' } = await runClient(kernel, route);
    if (end.sum_received !== undefined) return end.sum_received.bits_per_second / 1e9;
    // Behind a balancer, the end of the last client comes to the server a moment later than to us.
    if (!error.includes('busy') || performance.now() > deadline) {
      throw new Error(`iperf3 to ${route.address} failed: ${error}`);
    }
    await sleep(20);
  }
}
