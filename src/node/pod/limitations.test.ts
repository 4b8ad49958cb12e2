import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../kube/index.ts';
import { limitations, type Given } from './limitations.ts';

function pod(spec: object): Pod {
  const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'main', ports }], ...spec },
  };
}

function told(spec: object, network: Partial<Given['network']> = {}): string[] {
  const given = { opensHostPorts: false, isRouted: () => true, ...network };
  return limitations(pod(spec), { network: given, podIPs: ['10.22.0.5'] }).map(
    ({ reason, message }) => `${reason} ${message}`,
  );
}

test('limitations name what has no effect, and nothing else', () => {
  assert.deepEqual(told({ hostPID: true }), [
    'HostPortNotSupported hostPort 81 of container main is not opened on the node: use a Service of type NodePort',
    'NamespaceNotShared spec.hostPID has no effect: containers keep their own namespaces',
  ]);
  assert.deepEqual(told({ hostNetwork: true }, { isRouted: () => false }), []);
  assert.deepEqual(told({}, { opensHostPorts: true }), []);
});

test('an address to which no node has a route is told', () => {
  assert.deepEqual(told({}, { opensHostPorts: true, isRouted: () => false }), [
    "AddressNotRouted 10.22.0.5 is not of the node's pod CIDR: other nodes do not reach the pod; write {{.PodCIDR}} for the subnet in the network configuration",
  ]);
});
