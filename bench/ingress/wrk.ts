import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { programEnv } from '../dns/programs.ts';
import type { Stage } from './proxies.ts';
import { hostsOf } from './routes.ts';

const CONNECTIONS = 32;

export interface LoadOptions {
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly routes: number;
  readonly seconds: number;
  /** Requests a second, about; as many as there are answers when absent. */
  readonly rate?: number;
}

/** What one run of wrk came to. */
export interface Load {
  readonly requests: number;
  readonly rate: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were none, and connections that broke. */
  readonly failed: number;
}

/** Asks for the hosts in turn; what it found comes as one line. */
function scriptFor(hosts: readonly string[], rate?: number): string {
  const delay =
    rate === undefined
      ? ''
      : `delay = function() return ${Math.round((CONNECTIONS * 1000) / rate)} end`;
  return `${delay}
local requests, at = {}, 0
init = function()
  for _, host in ipairs({${hosts.map((host) => `"${host}"`).join(',')}}) do
    requests[#requests + 1] = wrk.format("GET", "/some/page", { ["Host"] = host })
  end
end
request = function() at = at % #requests + 1; return requests[at] end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}

/** Loads a port of the proxy from the other namespace for some seconds. */
export async function load(
  { kernel, pair, programs, folder }: Stage,
  { port, scheme, routes, seconds, rate }: LoadOptions,
): Promise<Load> {
  const script = join(folder, `load-${routes}.lua`);
  writeFileSync(script, scriptFor(hostsOf(routes), rate));
  const url = `${scheme}://${pair.serverAddress}:${port}`;
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url];
  const child = kernel.inNamespace(pair.client, () =>
    spawn(programs.wrk, options, { stdio: ['ignore', 'pipe', 'inherit'], env: programEnv() }),
  );
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const numbers = /^RESULT (.*)$/mu.exec(output)?.[1]?.split(' ').map(Number) ?? [];
  const [requests = 0, duration = 1, p50 = 0, p99 = 0, failed = 0] = numbers;
  return { requests, rate: requests / (duration / 1e6), p50, p99, failed };
}
