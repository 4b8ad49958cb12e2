import { messageOf } from '../../fault/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';
import type { HealthCheck } from '../../services/index.ts';
import { answerHealth } from './answer.ts';
import { listenHttp, type HttpListener } from './http-listener.ts';
import type { ProxyHealth } from './proxy-health.ts';

export interface ServiceHealthOptions {
  readonly kernel: Kernel;
  /** Pin of the node's network namespace. */
  readonly netns: NamespacePath;
  readonly proxy: ProxyHealth;
  /** Hears once of a port that cannot be listened on; every {@link ServiceHealth.replaceAll} tries again. */
  readonly onFailure: (service: string, message: string) => void;
}

interface Checked {
  check: HealthCheck;
  /** Absent while its port could not be had, for this reason. */
  listener?: HttpListener;
  failure?: string;
}

/**
 * Answers load balancers on each Service's healthCheckNodePort (row 13): 200 while this node has a ready endpoint of
 * its own and its rules are as the API says, else 503.
 */
export class ServiceHealth {
  private readonly options: ServiceHealthOptions;
  private readonly services = new Map<string, Checked>();

  constructor(options: ServiceHealthOptions) {
    this.options = options;
  }

  /** Replaces the checks of these Services, keys `namespace/name`; `undefined` ends a check. */
  replaceAll(checks: Iterable<readonly [string, HealthCheck | undefined]>): void {
    const all = [...checks];
    // First those that go: a port may pass from one Service to another.
    for (const [service, check] of all) {
      if (check?.port !== this.services.get(service)?.check.port) this.end(service);
    }
    for (const [service, check] of all) {
      if (check !== undefined) this.services.set(service, { ...this.services.get(service), check });
    }
    for (const [service, checked] of this.services) this.listen(service, checked);
  }

  /** Frees every port. */
  close(): void {
    for (const service of this.services.keys()) this.end(service);
  }

  private end(service: string): void {
    this.services.get(service)?.listener?.close();
    this.services.delete(service);
  }

  private listen(service: string, checked: Checked): void {
    if (checked.listener !== undefined) return;
    const { kernel, netns, onFailure } = this.options;
    try {
      checked.listener = listenHttp({
        kernel,
        netns,
        port: checked.check.port,
        answer: (_, response) => this.answer(service, response),
      });
    } catch (error) {
      const failure = messageOf(error);
      if (failure !== checked.failure) onFailure(service, failure);
      checked.failure = failure;
    }
  }

  private answer(service: string, response: Parameters<typeof answerHealth>[0]): void {
    const { isHealthy } = this.options.proxy;
    const localEndpoints = this.services.get(service)?.check.localEndpoints ?? 0;
    const [namespace = '', name = ''] = service.split('/');
    answerHealth(response, isHealthy && localEndpoints > 0, {
      headers: { 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) },
      body: {
        service: { namespace, name },
        localEndpoints,
        serviceProxyHealthy: isHealthy,
      },
    });
  }
}
