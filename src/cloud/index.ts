export { externalBlocks } from './address-book.ts';
export { startCloud, type BalancerSummary, type Cloud, type CloudOptions } from './cloud.ts';
export { CLOUD_CLASS } from './desired-balancer.ts';
export { defaultSettings, type BalancerSettings } from './settings.ts';
