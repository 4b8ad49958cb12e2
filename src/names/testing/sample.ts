import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asking, verdictText } from './ask.ts';
import type { ClusterSketch } from './cluster.ts';

const http = { name: 'http', protocol: 'TCP', port: 80 } as const;
const dns = { name: 'dns', protocol: 'UDP', port: 53 } as const;

/** Services of every kind, a pod, an empty namespace. */
export const cluster: ClusterSketch = {
  services: {
    'default/web': {
      clusterIPs: ['10.96.0.80', 'fd00:10:96::80'],
      ports: [http, { ...dns, port: 5353 }],
      endpoints: [{ addresses: ['10.244.0.7'], hostname: 'web-0' }],
    },
    'default/plain': { clusterIP: '10.96.0.81', ports: [{ port: 80 }] },
    'default/idle': { clusterIP: '10.96.0.82', ports: [http], endpoints: [] },
    'default/addressless': { ports: [http] },
    'shop/db': {
      clusterIP: 'None',
      ports: [{ ...http, name: 'sql', port: 5432 }],
      endpoints: [
        { addresses: ['10.244.1.5'], hostname: 'db-0', conditions: { ready: true } },
        { addresses: ['fd00:10:244:1::5'], hostname: 'db-0', conditions: { ready: true } },
        { addresses: ['10.244.2.6'], conditions: {}, targetRef: { kind: 'Pod', name: 'db-x' } },
        {
          addresses: ['10.244.2.9'],
          hostname: 'db-2',
          conditions: { ready: false, serving: true, terminating: true },
        },
      ],
    },
    'shop/starting': {
      clusterIP: 'None',
      ports: [http],
      endpoints: [{ addresses: ['10.244.1.8'], conditions: { ready: false } }],
    },
    'shop/eager': {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [http],
      endpoints: [{ addresses: ['10.244.1.8'], hostname: 'eager-0', conditions: { ready: false } }],
    },
    'shop/portless': { clusterIP: 'None', endpoints: [{ addresses: ['10.244.1.9'] }] },
    'shop/six': {
      clusterIP: 'None',
      ports: [http],
      endpoints: [{ addresses: ['fd00:10:244:1::'] }],
    },
    'shop/zoned': {
      clusterIP: 'None',
      ports: [http],
      endpoints: [
        { addresses: ['10.244.1.1'], zone: 'West-2a' },
        { addresses: ['10.244.1.2'], zone: 'a.example' },
        { addresses: ['10.244.1.3'] },
      ],
    },
    'shop/outside': { type: 'ExternalName', externalName: 'db.example.com' },
    'shop/inside': { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
    'shop/nowhere': { type: 'ExternalName', externalName: 'gone.default.svc.cluster.local' },
    'shop/round': { type: 'ExternalName', externalName: 'about.shop.svc.cluster.local' },
    'shop/about': { type: 'ExternalName', externalName: 'round.shop.svc.cluster.local' },
    'shop/numbers': { type: 'ExternalName', externalName: '192.0.2.1' },
  },
  pods: {
    'default/client': { ips: ['10.244.0.9', 'fd00:10:244::9'] },
  },
  namespaces: { empty: {} },
};

/** The cluster zone with these options, the rest forwarded. */
export const corefile = (options: string): string => `.:53 {
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    ${options}
    ttl 30
    fallthrough in-addr.arpa ip6.arpa
  }
  forward . 192.0.2.53
}`;

/** What is shown, the question, and the verdict in one line. */
export type Row = readonly [what: string, question: string, verdict: string];

/** One test a row. */
export function table(options: string, rows: readonly Row[]): void {
  const ask = asking({ corefile: corefile(options), cluster });
  for (const [what, question, verdict] of rows) {
    test(`${what}: ${question}`, () => assert.equal(verdictText(ask(question), question), verdict));
  }
}
