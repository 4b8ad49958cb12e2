import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explaining, hopOf, hopsText, podText, serviceText } from '../testing/explaining.ts';

const echo = { name: 'echo', image: 'echo', ports: [{ containerPort: 5353, protocol: 'UDP' }] };
const pods = podText('client') + podText('echo', { containers: [echo] });
const overUdp = { ports: [{ port: 53, targetPort: 5353, protocol: 'UDP' }] };
const tell = explaining(pods + serviceText('echo', overUdp));

describe('a protocol that nobody said', () => {
  test('is that of the port of the Service', () => {
    for (const to of ['svc/echo', 'svc/echo:53', 'echo', 'echo:53', 'echo:53/UDP']) {
      const story = tell('pod/client', to);
      assert.deepEqual([story.protocol, story.admits], ['UDP', true], to);
      assert.match(hopOf(story, 'listen')?.sentence ?? '', / 5353\/UDP$/, to);
    }
  });

  test('is that of the port of a headless Service', () => {
    const headless = { ...overUdp, clusterIP: 'None' };
    const story = explaining(pods + serviceText('echo', headless))('pod/client', 'echo:53');
    assert.deepEqual([story.protocol, hopOf(story, 'service')?.reason], ['UDP', 'HEADLESS']);
  });

  test('is TCP where the Service has the number over both', () => {
    const ports = [
      { name: 'udp', port: 53, targetPort: 5353, protocol: 'UDP' },
      { name: 'tcp', port: 53, targetPort: 5353 },
    ];
    const both = explaining(pods + serviceText('echo', { ports }));
    assert.equal(both('pod/client', 'svc/echo:53').protocol, 'TCP');
    assert.equal(both('pod/client', 'svc/echo:udp').protocol, 'UDP');
  });

  test('is the one that policies are asked about', () => {
    const spec = { podSelector: {}, ingress: [{ ports: [{ port: 5353, protocol: 'UDP' }] }] };
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
    const text = JSON.stringify({ ...policy, metadata: { name: 'udp' }, spec });
    const guarded = explaining(`${pods}${serviceText('echo', overUdp)}---\n${text}`);
    assert.equal(guarded('pod/client', 'svc/echo').admits, true);
  });
});

test('a protocol that was said is meant, also where the Service has one port over another', () => {
  for (const to of ['svc/echo:53/TCP', 'svc/echo/TCP', 'svc/echo/ICMP']) {
    const story = tell('pod/client', to);
    assert.equal(hopsText(story), 'name CLUSTER_IP, service OTHER_PROTOCOL!', to);
  }
  assert.equal(
    hopOf(tell('pod/client', 'svc/echo/TCP'), 'service')?.sentence,
    'Service default/echo has no port over TCP: it has 53/UDP',
  );
});
