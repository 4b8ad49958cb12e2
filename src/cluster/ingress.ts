import { mkdirSync } from 'node:fs';
import { createCertificate } from '../apiserver/index.ts';
import type { BalancerSummary, Cloud } from '../cloud/index.ts';
import type { Informer } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import {
  INGRESS_CERTGEN_IMAGE,
  INGRESS_CLASS,
  INGRESS_CONTROLLER,
  INGRESS_IMAGE,
  INGRESS_NAMESPACE,
  INGRESS_SERVICE,
  IngressController,
  createEngine,
  type EngineChoice,
} from '../ingress/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { serviceKind, type Service } from '../kube/index.ts';
import type { Binding } from '../publish/index.ts';
import type { InProcessProgram } from '../runtime/index.ts';
import type { Closers } from './closers.ts';
import type { ControlPlane } from './control-plane.ts';
import { firstFreePort } from './free-port.ts';

/** The name that the self-signed certificate is for, as ingress-nginx has it. */
const FAKE_NAME = 'Kubernetes Ingress Controller Fake Certificate';
/** Ports of the controller, each with those to try in its place. */
const candidates = [
  [80, 8080, 10_080],
  [443, 8443, 10_443],
] as const;
const HOUR_MS = 3600 * 1000;
const YEAR_MS = 365 * 24 * 3600 * 1000;

export interface IngressParts {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly control: ControlPlane;
  readonly closers: Closers;
  readonly engine: EngineChoice;
  /** Where an engine may keep files and sockets; gone with the cluster. */
  readonly directory: string;
}

/** The ingress controller of a cluster, to be run in the pods of its Deployment. */
export class ClusterIngress {
  private readonly controller: IngressController;
  private readonly services: Informer<Service>;
  private cloud: Cloud | undefined;
  private doors: readonly { address: string; open: number; port: number }[] = [];

  constructor({ kernel, clock, control, closers, engine, directory }: IngressParts) {
    const { client, informers } = control;
    this.controller = new IngressController({
      kernel,
      clock,
      client,
      informers,
      events: control.events('nginx-ingress-controller'),
      settings: {
        controller: INGRESS_CONTROLLER,
        legacyClass: INGRESS_CLASS,
        takesClassless: true,
        fallbackCertificate: selfSigned(clock.now()),
      },
      startEngine: (options) => {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        return createEngine(engine, { ...options, directory });
      },
      addresses: () => this.addresses(),
    });
    closers.add(() => this.controller.close());
    this.services = informers.of(serviceKind);
    this.services.onChange(({ previous, next }) => {
      const { name, namespace } = (next ?? previous)?.metadata ?? {};
      const isOurs = name === INGRESS_SERVICE && namespace === INGRESS_NAMESPACE;
      if (isOurs) this.controller.addressesChanged();
    });
  }

  /** What this process does itself, by image: the controller, and the Jobs that come before it. */
  get programs(): ReadonlyMap<string, InProcessProgram> {
    return new Map<string, InProcessProgram>([
      [INGRESS_IMAGE, (container) => this.controller.serve(container)],
      [INGRESS_CERTGEN_IMAGE, ({ log }) => Promise.resolve(certificateJob(log))],
    ]);
  }

  /** From now on addresses are those of the cloud's load balancer. */
  use(cloud: Cloud): void {
    this.cloud = cloud;
    this.controller.addressesChanged();
  }

  /**
   * The controller at the address that `portolan ip` prints, as people know it from other tools: at ports 80 and 443, or
   * where another program has these, at the next that are free.
   */
  async chooseDoors(nodeAddress: string): Promise<void> {
    const doors = await Promise.all(
      candidates.map(async ([port, ...others]) => {
        const open = await firstFreePort(nodeAddress, [port, ...others]);
        return open === undefined ? [] : [{ address: nodeAddress, open, port }];
      }),
    );
    this.doors = doors.flat();
  }

  /** What is to be published for {@link chooseDoors}; nothing while there is no controller. */
  bindings(): readonly Binding[] {
    // The Service's own word: a cloud that starts again knows its load balancers a while after who asks here.
    const service = this.services.get(`${INGRESS_NAMESPACE}/${INGRESS_SERVICE}`);
    const target = service?.status?.loadBalancer?.ingress?.[0]?.ip;
    if (target === undefined) return [];
    return this.doors.map(({ address, open, port }) => ({
      listen: { address, port: open },
      target: { address: target, port },
      protocol: 'TCP',
    }));
  }

  private balancer(): BalancerSummary | undefined {
    return this.cloud
      ?.list()
      .find(({ namespace, name }) => namespace === INGRESS_NAMESPACE && name === INGRESS_SERVICE);
  }

  /** Where the host finds the controller; where it is not published, where the fabric does. */
  private addresses(): readonly string[] {
    const found = this.balancer();
    if (found?.hostAddress !== undefined) return [found.hostAddress];
    return found?.externalIPs ?? [];
  }
}

/** Warnings about Ingresses are the API server's own here: the webhook's certificate is nothing to wait for. */
function certificateJob(log: (text: string) => void): Awaited<ReturnType<InProcessProgram>> {
  log('no certificate is needed: Ingresses are checked by the API server itself');
  return { exited: Promise.resolve(0), drain: async () => {}, close: async () => {} };
}

function selfSigned(now: number): { chain: string; key: string } {
  const { certificate, key } = createCertificate({
    subject: { commonName: FAKE_NAME, organizations: ['Acme Co'] },
    usage: 'server',
    dnsNames: ['ingress.local'],
    notBefore: now - HOUR_MS,
    notAfter: now + YEAR_MS,
  });
  return { chain: certificate, key };
}
