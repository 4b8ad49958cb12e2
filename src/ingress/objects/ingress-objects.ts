import type { Client } from '../../client/index.ts';
import {
  ApiError,
  configMapKind,
  deploymentKind,
  ingressClassKind,
  jobKind,
  namespaceKind,
  serviceAccountKind,
  serviceKind,
  type Deployment,
  type IngressClass,
  type Job,
  type KubeObject,
  type Resource,
  type Service,
} from '../../kube/index.ts';
import { nginxController } from '../../routes/index.ts';

/** Where the controller lives, as the ingress addon of minikube and ingress-nginx's own manifests have it. */
export const INGRESS_NAMESPACE = 'ingress-nginx';
export const INGRESS_SERVICE = 'ingress-nginx-controller';
export const INGRESS_CLASS = nginxController.legacyClass;
/** What `spec.controller` of its IngressClass says. */
export const INGRESS_CONTROLLER = nginxController.controller;
/** The image that this process is a stand-in for. */
export const INGRESS_IMAGE = 'registry.k8s.io/ingress-nginx/controller:v1.13.3';
/** The image of the two Jobs: certificates of a webhook that is part of the API server here. */
export const INGRESS_CERTGEN_IMAGE = 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.3';

const labels = {
  'app.kubernetes.io/name': 'ingress-nginx',
  'app.kubernetes.io/instance': 'ingress-nginx',
} as const;
const controllerLabels = { ...labels, 'app.kubernetes.io/component': 'controller' } as const;

function metadata(name: string): {
  name: string;
  namespace: string;
  labels: Record<string, string>;
} {
  return { name, namespace: INGRESS_NAMESPACE, labels: { ...labels } };
}

const ingressClass: IngressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: {
    name: INGRESS_CLASS,
    labels: { ...controllerLabels },
    annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
  },
  spec: { controller: INGRESS_CONTROLLER },
};

const controllerService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(INGRESS_SERVICE),
  spec: {
    type: 'LoadBalancer',
    selector: { ...controllerLabels },
    ports: [
      { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
    ],
  },
};

const admissionService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata('ingress-nginx-controller-admission'),
  spec: {
    type: 'ClusterIP',
    selector: { ...controllerLabels },
    ports: [{ name: 'https-webhook', port: 443, protocol: 'TCP', targetPort: 'https' }],
  },
};

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata('ingress-nginx-controller'),
  spec: {
    replicas: 1,
    selector: { matchLabels: { ...controllerLabels } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    template: {
      metadata: { labels: { ...controllerLabels } },
      spec: {
        serviceAccountName: 'ingress-nginx',
        terminationGracePeriodSeconds: 30,
        containers: [
          {
            name: 'controller',
            image: INGRESS_IMAGE,
            args: [
              '/nginx-ingress-controller',
              `--controller-class=${INGRESS_CONTROLLER}`,
              `--ingress-class=${INGRESS_CLASS}`,
              '--watch-ingress-without-class=true',
            ],
            ports: [
              { name: 'http', containerPort: 80, protocol: 'TCP' },
              { name: 'https', containerPort: 443, protocol: 'TCP' },
            ],
            readinessProbe: {
              httpGet: { path: '/healthz', port: 10_254, scheme: 'HTTP' },
              periodSeconds: 1,
            },
            livenessProbe: {
              httpGet: { path: '/healthz', port: 10_254, scheme: 'HTTP' },
              initialDelaySeconds: 10,
              failureThreshold: 5,
            },
          },
        ],
      },
    },
  },
};

function job(name: string, command: string): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(name),
    spec: {
      template: {
        metadata: { name, labels: { ...labels } },
        spec: {
          restartPolicy: 'OnFailure',
          serviceAccountName: 'ingress-nginx',
          containers: [{ name: command, image: INGRESS_CERTGEN_IMAGE, args: [command] }],
        },
      },
    },
  };
}

async function create<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  try {
    await client.create(resource, structuredClone(object));
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
  }
}

/** Makes what `kubectl get all -n ingress-nginx` shows, where it is missing. @throws ApiError */
export async function ensureIngressObjects(client: Client): Promise<void> {
  const namespace = { name: INGRESS_NAMESPACE, labels: { ...labels } };
  await create(client, namespaceKind, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: namespace,
    spec: {},
  });
  await create(client, serviceAccountKind, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata('ingress-nginx'),
  });
  await create(client, configMapKind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata('ingress-nginx-controller'),
    data: {},
  });
  await create(client, ingressClassKind, ingressClass);
  await create(client, serviceKind, controllerService);
  await create(client, serviceKind, admissionService);
  await create(client, deploymentKind, deployment);
  await create(client, jobKind, job('ingress-nginx-admission-create', 'create'));
  await create(client, jobKind, job('ingress-nginx-admission-patch', 'patch'));
}

/** Removes the controller: its class and its namespace with all that is in it. Ingresses stay. @throws ApiError */
export async function removeIngressObjects(client: Client): Promise<void> {
  const gone = async (removed: Promise<unknown>): Promise<void> => {
    try {
      await removed;
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
    }
  };
  await gone(client.delete(ingressClassKind, { name: INGRESS_CLASS }));
  await gone(client.delete(namespaceKind, { name: INGRESS_NAMESPACE }));
}

/** Whether a controller answers. @throws ApiError */
export async function isIngressReady(client: Client): Promise<boolean> {
  const { name, namespace } = deployment.metadata;
  const { status } = await client.get(deploymentKind, { name, namespace: namespace ?? '' });
  return (status?.availableReplicas ?? 0) > 0;
}
