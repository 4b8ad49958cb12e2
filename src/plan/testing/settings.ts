import type { PlanSettings } from '../settings.ts';

/** The addresses of the design: pods, Services, and one node. */
export const settings: PlanSettings = {
  nodeName: 'node-1',
  podCIDRs: ['10.244.0.0/16', 'fd00:10:244::/56'],
  serviceCIDRs: ['10.96.0.0/12', 'fd00:10:96::/112'],
  nodeIPs: ['172.18.0.2', 'fd00:18::2'],
};
