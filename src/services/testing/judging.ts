import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capture, ServiceObject, SliceObject, Vantage, Verdict } from '../contract.ts';
import { judgeService } from '../judge.ts';

export const vantage: Vantage = {
  nodeName: 'node-1',
  nodeIPs: ['172.18.0.2', '172.18.1.2', 'fd00::2'],
  zone: 'a',
};

type Spec = ServiceObject['spec'];
type SliceEndpoint = SliceObject['endpoints'][number];

/** A ClusterIP Service on port 80, changed as told. */
export function service(spec: Spec = {}, rest: Partial<ServiceObject> = {}): ServiceObject {
  return {
    metadata: { namespace: 'default', name: 'web' },
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }], ...spec },
    ...rest,
  };
}

/** A slice of IPv4 endpoints on port 8080. */
export function slice(endpoints: SliceEndpoint[], rest: Partial<SliceObject> = {}): SliceObject {
  return {
    metadata: { name: 'web-1' },
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: 8080 }],
    endpoints,
    ...rest,
  };
}

/** A ready endpoint of this node. */
export const local = (ip: string, rest: Partial<SliceEndpoint> = {}): SliceEndpoint => ({
  addresses: [ip],
  nodeName: 'node-1',
  zone: 'a',
  conditions: { ready: true },
  ...rest,
});
/** The same on another node. */
export const remote = (ip: string, rest: Partial<SliceEndpoint> = {}): SliceEndpoint =>
  local(ip, { nodeName: 'node-2', zone: 'b', ...rest });

export const terminating = { conditions: { ready: false, serving: true, terminating: true } };
export const dying = { conditions: { ready: false, serving: false, terminating: true } };
export const unready = { conditions: { ready: false, serving: false, terminating: false } };

/** `forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster`, `reject NO_ENDPOINTS` */
function verdictText(verdict: Verdict | undefined): string | undefined {
  if (verdict?.action !== 'forward') return verdict && `${verdict.action} ${verdict.reason}`;
  const endpoints = verdict.endpoints.map(({ ip, port }) =>
    ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`,
  );
  return ['forward', ...endpoints, verdict.reason, verdict.masquerade].join(' ');
}

function captureText(capture: Capture): string {
  const { frontend, ip, port, protocol, verdict, internal } = capture;
  const inside = internal === undefined ? '' : `; internal ${verdictText(internal)}`;
  return `${frontend} ${ip} ${protocol} ${port}: ${verdictText(verdict)}${inside}`;
}

/** A row of the Services table, with what must come out. */
export interface Row {
  readonly row: string;
  readonly service: ServiceObject;
  readonly slices?: readonly SliceObject[];
  readonly captures: readonly string[];
}

/** One endpoint here, one elsewhere. */
export const two = [slice([local('10.1.0.1'), remote('10.1.0.2')])];

/** Makes a test of every row; each verdict is compared with its reason. */
export function testRows(rows: readonly Row[]): void {
  for (const { row, service, slices = [], captures } of rows) {
    test(`row ${row}`, () => {
      assert.deepEqual(judgeService(service, slices, vantage).captures.map(captureText), captures);
    });
  }
}
