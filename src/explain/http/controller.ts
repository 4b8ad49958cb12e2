import { keyOf, type AnyObject, type IngressClass, type Service } from '../../kube/index.ts';
import { nginxController } from '../../routes/index.ts';
import type { Known } from '../known.ts';
import type { Scene } from '../scene.ts';

/** What ingress-nginx's manifests and Portolan's addon give the pods of a controller. */
const labels = {
  'app.kubernetes.io/name': 'ingress-nginx',
  'app.kubernetes.io/component': 'controller',
} as const;

const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx', labels };

const ports = [
  { name: 'http', port: 80, targetPort: 'http', containerPort: 80 },
  { name: 'https', port: 443, targetPort: 'https', containerPort: 443 },
] as const;

/** What `portolan start` has and manifests do not say: a controller with its class, Service and pod. */
const assumed: readonly AnyObject[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: nginxController.legacyClass },
    spec: { controller: nginxController.controller },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'LoadBalancer',
      selector: labels,
      ports: ports.map(({ name, port, targetPort }) => ({ name, port, targetPort })),
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      containers: [
        {
          name: 'controller',
          image: 'controller',
          ports: ports.map(({ name, containerPort }) => ({ name, containerPort })),
        },
      ],
    },
  },
];

function isOwnClass(object: AnyObject): boolean {
  const { spec } = object as unknown as IngressClass;
  return object.kind === 'IngressClass' && spec.controller === nginxController.controller;
}

/** Whether the objects are manifests that leave the controller to the cluster: clusters have nodes. */
export function lacksController({ objects }: Known): boolean {
  return !objects.some((object) => object.kind === 'Node' || isOwnClass(object));
}

/** Manifests as they would be in a cluster of `portolan start`. */
export function withController(known: Known): Known {
  return lacksController(known) ? { ...known, objects: [...known.objects, ...assumed] } : known;
}

/** The Service in front of the controller's pods: whichever takes HTTP for pods with ingress-nginx's labels. */
export function controllerService({ snapshot }: Scene): Service | undefined {
  return [...snapshot.services.values()]
    .filter(({ spec }) =>
      Object.entries(labels).every(([label, value]) => spec.selector?.[label] === value),
    )
    .filter(({ spec }) => spec.ports?.some(({ port }) => port === 80) === true)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))[0];
}
