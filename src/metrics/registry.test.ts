import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from './registry.ts';

test('prints counters and gauges with labels, escaped', () => {
  const registry = new Registry();
  const requests = registry.counter('requests_total', 'Requests.', ['path', 'status']);
  requests.add(['/a"\\\n', 200]);
  requests.add(['/a"\\\n', 200], 2);
  registry.gauge('up', 'Whether it is.').set([], 1);
  assert.equal(
    registry.text(),
    [
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      String.raw`requests_total{path="/a\"\\\n",status="200"} 3`,
      '# HELP up Whether it is.',
      '# TYPE up gauge',
      'up 1',
      '',
    ].join('\n'),
  );
});

test('what has no labels is there from the start, at zero', () => {
  const registry = new Registry();
  registry.counter('failures_total', 'Failures.');
  registry.counter('requests_total', 'Requests.', ['path']);
  const numbers = registry
    .text()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.deepEqual(numbers, ['failures_total 0']);
});

test('prints histograms with cumulative buckets', () => {
  const registry = new Registry();
  const sizes = registry.histogram({ name: 'size', help: 'Size.', labels: ['of'] }, [1, 10]);
  for (const value of [0.5, 1, 5, 50]) sizes.observe(['x'], value);
  assert.deepEqual(registry.text().trim().split('\n').slice(2), [
    'size_bucket{of="x",le="1"} 2',
    'size_bucket{of="x",le="10"} 3',
    'size_bucket{of="x",le="+Inf"} 4',
    'size_sum{of="x"} 56.5',
    'size_count{of="x"} 4',
  ]);
});
