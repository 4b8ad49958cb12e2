import type { JSONSchemaProps } from '../schema/structural/json-schema.ts';

/** As many rules of a direction, peers and protocols of a rule, networks and names of a peer as there may be. */
const most = 25;

type Properties = Record<string, JSONSchemaProps>;

function object(
  description: string,
  properties: Properties,
  rules: Omit<JSONSchemaProps, 'description' | 'properties'> = {},
): JSONSchemaProps {
  return { type: 'object', description, properties, ...rules };
}

/** An object that is one of several things: the API's unions have no discriminator. */
function union(description: string, properties: Properties): JSONSchemaProps {
  return object(description, properties, { minProperties: 1, maxProperties: 1 });
}

function list(
  description: string,
  items: JSONSchemaProps,
  rules: Omit<JSONSchemaProps, 'description' | 'items'> = {},
): JSONSchemaProps {
  return { type: 'array', description, items, maxItems: most, ...rules };
}

const requirement = object(
  'One requirement that labels have to meet.',
  {
    key: { type: 'string', description: 'The key of the label.' },
    operator: { type: 'string', description: 'In, NotIn, Exists or DoesNotExist.' },
    values: {
      type: 'array',
      description: 'The values for In and NotIn.',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'atomic',
    },
  },
  { required: ['key', 'operator'] },
);

function selector(description: string): JSONSchemaProps {
  return object(
    description,
    {
      matchExpressions: {
        type: 'array',
        description: 'Requirements, all of which have to be met.',
        items: requirement,
        'x-kubernetes-list-type': 'atomic',
      },
      matchLabels: {
        type: 'object',
        description: 'Labels with their values, all of which have to be there.',
        additionalProperties: { type: 'string' },
      },
    },
    { 'x-kubernetes-map-type': 'atomic' },
  );
}

const pods: Properties = {
  namespaces: selector('All pods of the namespaces with these labels; {} is all namespaces.'),
  pods: object(
    'The pods with some labels in the namespaces with some labels.',
    {
      namespaceSelector: selector('The labels of the namespaces; {} is all.'),
      podSelector: selector('The labels of the pods; {} is all.'),
    },
    { required: ['podSelector'] },
  ),
};

const destinations: Properties = {
  ...pods,
  nodes: selector('The addresses of the nodes with these labels; {} is all nodes.'),
  networks: list(
    'CIDRs such as 10.0.0.0/8 or fd00::/8. They match pods, too: a rule for 0.0.0.0/0 is about all of IPv4.',
    { type: 'string', maxLength: 43 },
    { minItems: 1, 'x-kubernetes-list-type': 'set' },
  ),
  domainNames: list(
    'Names such as kubernetes.io, or *.kubernetes.io for everything below it. Only rules that accept may have them.',
    {
      type: 'string',
      pattern:
        String.raw`^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+` +
        String.raw`[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$`,
    },
    { minItems: 1, 'x-kubernetes-list-type': 'set' },
  ),
};

const portNumber: JSONSchemaProps = {
  type: 'integer',
  format: 'int32',
  minimum: 1,
  maximum: 65_535,
};

function portsOf(protocol: string): JSONSchemaProps {
  const range = object(
    'A range of ports; both ends belong to it.',
    {
      start: { ...portNumber, description: 'The first port.' },
      end: { ...portNumber, description: 'The last port, above the first.' },
    },
    { required: ['start', 'end'] },
  );
  return object(
    `${protocol} connections.`,
    {
      destinationPort: union('The port that is connected to.', {
        number: { ...portNumber, description: 'One port.' },
        range,
      }),
    },
    { minProperties: 1 },
  );
}

const protocols = list(
  'What of the traffic the rule is about; everything when absent.',
  union('One protocol and its ports.', {
    tcp: portsOf('TCP'),
    udp: portsOf('UDP'),
    sctp: portsOf('SCTP'),
    destinationNamedPort: {
      type: 'string',
      description: 'The name of a container port; not for nodes, networks and domainNames.',
    },
  }),
  { minItems: 1 },
);

function rule(side: 'from' | 'to', peers: JSONSchemaProps): JSONSchemaProps {
  return object(
    'What happens to some traffic. The first rule that matches decides.',
    {
      name: { type: 'string', maxLength: 100, description: 'A name to recognise the rule by.' },
      action: {
        type: 'string',
        enum: ['Accept', 'Deny', 'Pass'],
        description:
          'Accept lets the traffic through and Deny drops it, whatever any other policy says of this direction. ' +
          'Pass leaves it to the next tier.',
      },
      [side]: peers,
      protocols,
    },
    { required: ['action', side] },
  );
}

const condition = object(
  'One aspect of the state of the policy.',
  {
    type: { type: 'string', maxLength: 316, description: 'The aspect.' },
    status: {
      type: 'string',
      enum: ['True', 'False', 'Unknown'],
      description: 'Whether it holds.',
    },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description: 'Why, for programs.',
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    },
    message: { type: 'string', maxLength: 32_768, description: 'Why, for people.' },
    lastTransitionTime: {
      type: 'string',
      format: 'date-time',
      description: 'When the status last changed.',
    },
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      minimum: 0,
      description: 'The generation that the condition is about.',
    },
  },
  { required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'] },
);

const spec = object(
  'What the policy wants.',
  {
    tier: {
      type: 'string',
      enum: ['Admin', 'Baseline'],
      description:
        'Admin policies are asked before every NetworkPolicy, Baseline policies where no NetworkPolicy selects the pod.',
    },
    priority: {
      type: 'integer',
      format: 'int32',
      minimum: 0,
      maximum: 1000,
      description: 'The order within the tier: lower ones are asked first.',
    },
    subject: union(
      'The pods that the policy is about; never those in the network of their node.',
      pods,
    ),
    ingress: list(
      'Rules for what comes to the pods, in their order. No rules: the policy says nothing of it.',
      rule(
        'from',
        list('Where it comes from.', union('One kind of source.', pods), { minItems: 1 }),
      ),
    ),
    egress: list(
      'Rules for what leaves the pods, in their order. No rules: the policy says nothing of it.',
      rule(
        'to',
        list('Where it goes.', union('One kind of destination.', destinations), { minItems: 1 }),
      ),
    ),
  },
  { required: ['tier', 'priority', 'subject'] },
);

/**
 * What bundle v0.2.0 of policy.networking.k8s.io says of a ClusterNetworkPolicy in its experimental channel, which has
 * nodes, domain names and named ports. Its rules in CEL are in `validate-cluster-network-policy.ts`.
 */
export const clusterNetworkPolicySchema: JSONSchemaProps = object(
  'A network policy for the pods of any namespace, in tiers before and after the NetworkPolicies of the namespaces.',
  {
    spec,
    status: object(
      'What became of the policy.',
      {
        conditions: {
          type: 'array',
          description: 'One condition for each aspect.',
          items: condition,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
        },
      },
      { required: ['conditions'] },
    ),
  },
  { required: ['spec'] },
);
