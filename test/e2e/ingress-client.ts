import type { TestCluster } from './harness.ts';
import { until } from './harness.ts';

/** What curl saw of one answer. */
export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  /** `1.1`, `2` */
  readonly version: string;
  /** Absolute; empty when it is no redirect. */
  readonly location: string;
  readonly body: string;
}

/** curl, as somebody uses it who has written the names of Ingresses beside an address into /etc/hosts. */
export class IngressClient {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Waits for the ADDRESS of an Ingress. */
  address(name: string, namespace = 'default'): Promise<string> {
    const path = '{.status.loadBalancer.ingress[0].ip}';
    return until(`an ADDRESS of ${name}`, async () => {
      const ip = await this.#cluster.kubectl.read(path, 'ingress', name, '-n', namespace);
      return ip === '' ? undefined : ip;
    });
  }

  /** Asks for a URL whose name is at this address. */
  async ask(address: string, url: string, ...options: string[]): Promise<Answer> {
    const { hostname } = new URL(url);
    const names = [80, 443].flatMap((port) => ['--resolve', `${hostname}:${port}:${address}`]);
    const told = ['-s', '-m', '10', '-w', '%{stderr}%{json}'];
    const { stdout, stderr } = await this.#cluster.run('curl', [
      ...told,
      ...names,
      ...options,
      url,
    ]);
    const seen = JSON.parse(stderr) as Record<string, string | number | null>;
    return {
      status: Number(seen['http_code']),
      version: String(seen['http_version']),
      location: String(seen['redirect_url'] ?? ''),
      body: stdout,
    };
  }

  /** Asks until the answer has this status. */
  async awaitStatus(status: number, address: string, url: string): Promise<Answer> {
    return until(`${status} from ${url}`, async () => {
      const answer = await this.ask(address, url);
      return answer.status === status ? answer : undefined;
    });
  }
}
