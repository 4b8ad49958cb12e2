import type { Controller, ControllerContext, StartController } from './controller.ts';
import { startCronJobController } from './cron-job/cron-job.ts';
import { startDaemonSetController } from './daemon-set/daemon-set.ts';
import { startDeploymentController } from './deployment/deployment.ts';
import { startEndpointSliceController } from './endpoints/endpoint-slice-controller.ts';
import { startEndpointsController } from './endpoints/endpoints-controller.ts';
import { startEndpointSliceMirroringController } from './endpoints/mirror-controller.ts';
import { startEventTtlController } from './event-ttl.ts';
import { startGarbageCollector } from './garbage-collector/garbage-collector.ts';
import { startIpAddressController } from './ip-addresses.ts';
import { startJobController } from './job/job.ts';
import {
  startKubernetesServiceController,
  type KubernetesServiceOptions,
} from './kubernetes-service.ts';
import { startNamespaceController } from './namespace/namespace-controller.ts';
import { startNodeLifecycle } from './node-lifecycle/node-lifecycle.ts';
import { startReplicaSetController } from './replicaset.ts';
import { createResourceCatalog } from './resource-catalog.ts';
import { startScheduler } from './scheduler/scheduler.ts';
import { startServiceCidrController } from './service-cidrs.ts';
import { startStatefulSetController } from './stateful-set/stateful-set.ts';
import { startServiceAccountController } from './service-account.ts';

export interface ControllersOptions extends ControllerContext {
  /** PEM of the cluster's CA, for the ConfigMap kube-root-ca.crt of every namespace. */
  readonly rootCertificate: string;
  /** The Service `default/kubernetes`; absent: nobody keeps it. */
  readonly kubernetesService?: KubernetesServiceOptions;
}

/** Controllers that need nothing but the context. */
const starters: readonly StartController[] = [
  startScheduler,
  startReplicaSetController,
  startDeploymentController,
  startStatefulSetController,
  startDaemonSetController,
  startJobController,
  startCronJobController,
  startEndpointSliceController,
  startEndpointsController,
  startEndpointSliceMirroringController,
  startEventTtlController,
  startIpAddressController,
  startServiceCidrController,
  startNodeLifecycle,
];

/** Starts every controller. */
export function startControllers(options: ControllersOptions): { close(): Promise<void> } {
  const catalog = createResourceCatalog(options.informers);
  const { kubernetesService } = options;
  const controllers: Controller[] = [
    ...starters.map((start) => start(options)),
    startNamespaceController(options, { catalog }),
    startGarbageCollector(options, { kinds: catalog }),
    startServiceAccountController(options, options),
    ...(kubernetesService === undefined
      ? []
      : [startKubernetesServiceController(options, kubernetesService)]),
  ];
  return {
    async close() {
      await Promise.all(controllers.map((controller) => controller.close()));
    },
  };
}
