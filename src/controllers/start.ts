import type { Controller, ControllerContext, StartController } from './controller.ts';
import { startDeploymentController } from './deployment/deployment.ts';
import { startEndpointSliceController } from './endpoints/endpoint-slice-controller.ts';
import { startEndpointsController } from './endpoints/endpoints-controller.ts';
import { startReplicaSetController } from './replicaset.ts';
import { startScheduler } from './scheduler/scheduler.ts';
import { startServiceAccountController } from './service-account.ts';

export interface ControllersOptions extends ControllerContext {
  /** PEM of the cluster's CA, for the ConfigMap kube-root-ca.crt of every namespace. */
  readonly rootCertificate: string;
}

const starters: readonly StartController[] = [
  startScheduler,
  startReplicaSetController,
  startDeploymentController,
  startEndpointSliceController,
  startEndpointsController,
];

/** Starts every controller. */
export function startControllers(options: ControllersOptions): { close(): Promise<void> } {
  const controllers: Controller[] = [
    ...starters.map((start) => start(options)),
    startServiceAccountController(options, options),
  ];
  return {
    async close() {
      await Promise.all(controllers.map((controller) => controller.close()));
    },
  };
}
