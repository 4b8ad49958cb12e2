import { DefaultIngressClass } from './default-ingress-class.ts';
import { DefaultTolerationSeconds } from './default-toleration-seconds.ts';
import type { AdmissionPlugin } from './contract.ts';
import { IngressAdvice, type IngressAdviceOptions } from './ingress-advice.ts';
import { NamespaceLifecycle } from './namespace-lifecycle.ts';
import { PolicyAdvice, type PolicyAdviceOptions } from './policy-advice.ts';
import { Priority } from './priority.ts';
import { ServiceAccount, type ServiceAccountOptions } from './service-account.ts';
import { ServiceAllocation, type ServiceAllocationOptions } from './service-allocation.ts';

export type AdmissionOptions = ServiceAccountOptions &
  ServiceAllocationOptions &
  PolicyAdviceOptions &
  IngressAdviceOptions;

/** Every plugin, in the order they are asked: what refuses without a trace first, what reserves last. */
export function admissionPlugins(options: AdmissionOptions): AdmissionPlugin[] {
  return [
    new NamespaceLifecycle(options.reader),
    new ServiceAccount(options),
    new Priority(options.reader),
    new DefaultTolerationSeconds(),
    new DefaultIngressClass(options.reader),
    new PolicyAdvice(options),
    new IngressAdvice(options),
    new ServiceAllocation(options),
  ];
}
