import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Capture, Endpoint } from '../../services/index.ts';
import { UdpFrontends } from './udp-frontends.ts';

function endpoint(ip: string): Endpoint {
  const state = { ready: true, serving: true, terminating: false, forNodes: [], forZones: [] };
  return { ip, port: 53, nodeName: '', zone: '', ...state };
}

function capture(ips: readonly string[], rest: Partial<Capture> = {}): Capture {
  return {
    servicePort: 'default/dns:',
    frontend: 'ClusterIP',
    family: 4,
    ip: '10.96.0.10',
    port: 53,
    protocol: 'UDP',
    verdict: { action: 'reject', reason: 'NO_ENDPOINTS' },
    serving: ips.map(endpoint),
    ...rest,
  };
}

/** What is suspect, after the captures of these were replaced in order and those before the last were swept. */
function suspects(
  ...steps: readonly (readonly [string, readonly Capture[]])[]
): Record<string, string[]> {
  const frontends = new UdpFrontends();
  steps.forEach(([service, captures], index) => {
    if (index === steps.length - 1) frontends.takeSuspects();
    frontends.replace(service, captures);
  });
  return Object.fromEntries(
    [...frontends.takeSuspects()].map(([key, { endpoints }]) => [key, [...endpoints]]),
  );
}

const DNS = '10.96.0.10 53';

describe('a UDP frontend is suspect', () => {
  test('when it comes', () => {
    assert.deepEqual(suspects(['a', [capture(['10.1.0.1'])]]), { [DNS]: ['10.1.0.1 53'] });
  });

  test('when an endpoint goes, or another takes its place', () => {
    const before = ['a', [capture(['10.1.0.1', '10.1.0.2'])]] as const;
    assert.deepEqual(suspects(before, ['a', [capture(['10.1.0.1'])]]), { [DNS]: ['10.1.0.1 53'] });
    assert.deepEqual(suspects(before, ['a', [capture([])]]), { [DNS]: [] });
  });

  test('when the rules were not there for a while', () => {
    const frontends = new UdpFrontends();
    frontends.replace('a', [capture(['10.1.0.1'])]);
    frontends.takeSuspects();
    frontends.suspectAll();
    const [[key, suspect] = []] = frontends.takeSuspects();
    assert.equal(key, DNS);
    assert.deepEqual([...(suspect?.endpoints ?? [])], ['10.1.0.1 53']);
  });

  test('when its first endpoint comes', () => {
    const before = ['a', [capture([])]] as const;
    assert.deepEqual(suspects(before, ['a', [capture(['10.1.0.1'])]]), { [DNS]: ['10.1.0.1 53'] });
  });

  test('when it goes, also by a change of type', () => {
    const nodePort = capture(['10.1.0.1'], { ip: '172.18.0.2', port: 30_053 });
    const both = ['a', [capture(['10.1.0.1']), nodePort]] as const;
    assert.deepEqual(suspects(both, ['a', [capture(['10.1.0.1'])]]), { '172.18.0.2 30053': [] });
    assert.deepEqual(suspects(both, ['a', []]), { [DNS]: [], '172.18.0.2 30053': [] });
  });

  test('not when endpoints only come, when nothing changed, or when it is TCP', () => {
    const before = ['a', [capture(['10.1.0.1'])]] as const;
    assert.deepEqual(suspects(before, ['a', [capture(['10.1.0.1', '10.1.0.2'])]]), {});
    assert.deepEqual(suspects(before, before), {});
    assert.deepEqual(suspects(['a', [capture(['10.1.0.1'], { protocol: 'TCP' })]]), {});
  });

  test('with the endpoints of all Services that claim it', () => {
    const first = ['a', [capture(['10.1.0.1'])]] as const;
    const second = ['b', [capture(['10.1.0.2'])]] as const;
    assert.deepEqual(suspects(first, second, ['b', []]), { [DNS]: ['10.1.0.1 53'] });
  });
});

test('suspects that were put back yield to what is known since', () => {
  const frontends = new UdpFrontends();
  frontends.replace('a', [capture(['10.1.0.1'])]);
  const taken = frontends.takeSuspects();
  assert.equal(frontends.takeSuspects().size, 0);
  frontends.replace('a', [capture(['10.1.0.2'])]);
  frontends.putBack(taken);
  assert.deepEqual([...(frontends.takeSuspects().get(DNS)?.endpoints ?? [])], ['10.1.0.2 53']);
});

test('an endpoint that comes while its frontend is still suspect is not missed', () => {
  const frontends = new UdpFrontends();
  frontends.replace('a', [capture([])]);
  frontends.replace('a', [capture(['10.1.0.1'])]);
  frontends.replace('a', [capture(['10.1.0.1', '10.1.0.2'])]);
  assert.equal(frontends.takeSuspects().get(DNS)?.endpoints.size, 2);
});
