import { sleeper, template } from './manifests.ts';

const selector = { matchLabels: { app: 'one' } };
const podTemplate = template('one', { containers: [sleeper] });
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }];
const roleRef = (kind: string): object => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'one' },
});

export interface KindCase {
  readonly apiVersion: string;
  readonly kind: string;
  /** Everything but apiVersion, kind and the name, which is `one`. */
  readonly fields: object;
  /** What `kubectl get` prints after its header, from the name on. */
  readonly columns: RegExp;
  readonly header: RegExp;
  /** Whether a Warning says that nothing acts on it, or that it has nothing to act on. */
  readonly isWarned?: boolean;
  /** False where a current kubectl describes only a beta version that is no longer served. */
  readonly isDescribed?: boolean;
}

/** One object of each kind that is stored and shown. */
export const kindCases: readonly KindCase[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    fields: {
      spec: {
        rules: [
          {
            host: 'foo.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
    header: /^NAME +CLASS +HOSTS +ADDRESS +PORTS +AGE$/,
    columns: /^one +<none> +foo\.example\.com +80 +\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    fields: { spec: { controller: 'example.com/ingress' } },
    header: /^NAME +CONTROLLER +PARAMETERS +AGE$/,
    columns: /^one +example\.com\/ingress +<none> +\d+s$/,
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    fields: { spec: { podSelector: selector, policyTypes: ['Ingress'] } },
    header: /^NAME +POD-SELECTOR +AGE$/,
    columns: /^one +app=one +\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    fields: {
      spec: {
        tier: 'Baseline',
        priority: 10,
        subject: { pods: { podSelector: { matchLabels: { app: 'nobody' } } } },
      },
    },
    header: /^NAME +TIER +PRIORITY +AGE$/,
    columns: /^one +Baseline +10 +\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    fields: { spec: { selector, template: podTemplate } },
    header: /^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE$/,
    columns: /^one +\d +\d +\d +\d +\d +<none> +\d+s$/,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    fields: { spec: { selector, serviceName: 'one', template: podTemplate } },
    header: /^NAME +READY +AGE$/,
    columns: /^one +[01]\/1 +\d+s$/,
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    fields: {
      spec: {
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
        },
      },
    },
    header: /^NAME +STATUS +COMPLETIONS +DURATION +AGE$/,
    columns: /^one +\S* *[01]\/1 +(\d+s)? +\d+s$/,
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    fields: {
      spec: {
        schedule: '0 4 29 2 *',
        jobTemplate: {
          spec: {
            template: {
              spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
            },
          },
        },
      },
    },
    header: /^NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE$/,
    columns: /^one +0 4 29 2 \* +<none> +False +0 +<none> +\d+s$/,
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    fields: { spec: { selector, minAvailable: 1 } },
    header: /^NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE$/,
    columns: /^one +1 +N\/A +0 +\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    fields: {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 3,
      },
    },
    header: /^NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE$/,
    columns: /^one +Deployment\/web +cpu: <unknown>\/80% +1 +3 +0 +\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    fields: { rules },
    header: /^NAME +CREATED AT$/,
    columns: /^one +\d{4}-\d\d-\d\dT\S+Z$/,
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    fields: { rules },
    header: /^NAME +CREATED AT$/,
    columns: /^one +\d{4}-\d\d-\d\dT\S+Z$/,
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    fields: { subjects, ...roleRef('Role') },
    header: /^NAME +ROLE +AGE$/,
    columns: /^one +Role\/one +\d+s$/,
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    fields: { subjects, ...roleRef('ClusterRole') },
    header: /^NAME +ROLE +AGE$/,
    columns: /^one +ClusterRole\/one +\d+s$/,
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    fields: {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    header:
      /^NAME +STATUS +VOLUME +CAPACITY +ACCESS MODES +STORAGECLASS +VOLUMEATTRIBUTESCLASS +AGE$/,
    columns: /^one +Pending +.*\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    fields: { spec: { hard: { pods: '10' } } },
    header: /^NAME +(AGE +)?REQUEST +LIMIT( +AGE)?$/,
    columns: /^one +/,
    isWarned: true,
  },
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    fields: { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } },
    header: /^NAME +CREATED AT$/,
    columns: /^one +\d{4}-/,
    isWarned: true,
  },
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    fields: { value: 1000 },
    header: /^NAME +VALUE +GLOBAL-DEFAULT +AGE( +PREEMPTIONPOLICY)?$/,
    columns: /^one +1000 +false +\d+s/,
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    fields: { provisioner: 'example.com/disk' },
    header: /^NAME +PROVISIONER +RECLAIMPOLICY +VOLUMEBINDINGMODE +ALLOWVOLUMEEXPANSION +AGE$/,
    columns: /^one +example\.com\/disk +Delete +Immediate +false +\d+s$/,
    isWarned: true,
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    fields: { spec: { cidrs: ['10.200.0.0/24'] } },
    header: /^NAME +CIDRS +AGE$/,
    columns: /^one +10\.200\.0\.0\/24 +\d+s$/,
    isDescribed: false,
  },
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    fields: { spec: { holderIdentity: 'me' } },
    header: /^NAME +HOLDER +AGE$/,
    columns: /^one +me +\d+s$/,
  },
];

/** Defines boats: with checks, a default and columns of their own. */
export const boats = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.harbour.example' },
  spec: {
    group: 'harbour.example',
    scope: 'Namespaced',
    names: { plural: 'boats', singular: 'boat', kind: 'Boat', shortNames: ['bo'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['masts'],
                properties: {
                  masts: { type: 'integer', minimum: 1, description: 'How many there are.' },
                  flag: { type: 'string', default: 'white' },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
        additionalPrinterColumns: [
          { name: 'Masts', type: 'integer', jsonPath: '.spec.masts' },
          { name: 'Flag', type: 'string', jsonPath: '.spec.flag' },
        ],
      },
    ],
  },
};
