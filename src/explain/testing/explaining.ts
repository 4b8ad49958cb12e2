import { parseManifests } from '../../manifests/index.ts';
import type { Hop, Story } from '../contract.ts';
import { explain } from '../explain.ts';
import type { Known } from '../known.ts';

/** A function that tells connections of the cluster that a manifest describes; sources are `shop.yaml:LINE`. */
export function explaining(
  manifest: string,
  more: Partial<Known> = {},
): (from: string, to: string) => Story {
  const { objects: written } = parseManifests(manifest, 'shop.yaml');
  const objects = written.map(({ object }) => object);
  const locate: Known['locate'] = ({ kind, name }, path) => {
    const found = written.find(
      ({ object }) => object.kind === kind && object.metadata.name === name,
    );
    return found === undefined ? undefined : `shop.yaml:${found.positionOf(path).line}`;
  };
  return (from, to) =>
    explain({ objects, namespace: 'default', locate, ...more }, { from, to }).story;
}

/** The hop of a step on the first way. */
export function hopOf({ paths }: Story, step: Hop['step']): Hop | undefined {
  return paths[0]?.hops.find((hop) => hop.step === step);
}

/** `name CLUSTER_IP, service READY_ENDPOINTS!`: all hops of the first way; `!` stops, `?` is not known. */
export function hopsText({ paths }: Story): string {
  const marks = { passes: '', stops: '!', unknown: '?' };
  return (paths[0]?.hops ?? [])
    .map(({ step, reason, outcome }) => `${step} ${reason}${marks[outcome]}`)
    .join(', ');
}

/** A Pod as one line of YAML, in document form. */
export function podText(name: string, fields: Record<string, unknown> = {}): string {
  const { labels = { app: name }, namespace = 'default', status, uid, ...spec } = fields;
  const ports = [{ name: 'http', containerPort: 8080 }];
  const containers = [{ name: 'main', image: 'main', ports }];
  return document({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, ...(uid === undefined ? {} : { uid }) },
    spec: { containers, ...spec },
    ...(status === undefined ? {} : { status }),
  });
}

export function serviceText(name: string, spec: Record<string, unknown> = {}): string {
  return document({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
  });
}

export function policyText(name: string, spec: Record<string, unknown>): string {
  const metadata = { name };
  return document({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec });
}

export function nodeText(name: string, address: string, podCIDR: string): string {
  const status = { addresses: [{ type: 'InternalIP', address }] };
  return document({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDRs: [podCIDR] },
    status,
  });
}

/** JSON is YAML too. */
export function document(object: object): string {
  return `---\n${JSON.stringify(object)}\n`;
}

/** The status of a pod as a cluster has it. */
export function runningAt(ip: string, { ready = true }: { readonly ready?: boolean } = {}): object {
  return {
    phase: 'Running',
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  };
}
