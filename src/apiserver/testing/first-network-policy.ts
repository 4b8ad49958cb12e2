/** Where the first form of NetworkPolicy was posted: the slash at the end is as it was printed. */
export const firstNetworkPolicyPath =
  '/apis/net.alpha.kubernetes.io/v1alpha1/namespaces/tenant-a/networkpolicys/';

/** The example that courses copied; it names no apiVersion. */
export const firstNetworkPolicyBody = {
  kind: 'NetworkPolicy',
  metadata: { name: 'pol1' },
  spec: {
    allowIncoming: {
      from: [{ pods: { segment: 'frontend' } }],
      toPorts: [{ port: 80, protocol: 'TCP' }],
    },
    podSelector: { segment: 'backend' },
  },
};
