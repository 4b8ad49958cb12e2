import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cells, fieldErrors, objectOf } from '../testing/kind-checks.ts';
import { eventKind } from './event.ts';

describe('Event', () => {
  const event = {
    involvedObject: {
      kind: 'Pod',
      name: 'web',
      namespace: 'default',
      fieldPath: 'spec.containers{c}',
    },
    reason: 'Pulled',
    message: 'done \n',
    type: 'Normal',
    source: { component: 'kubelet', host: 'node1' },
    firstTimestamp: '1970-01-01T00:00:00Z',
    lastTimestamp: '1970-01-01T00:01:00Z',
    count: 3,
  };

  test('kubectl get events -o wide', () => {
    const at = Date.UTC(1970, 0, 1, 0, 2);
    const object = objectOf(eventKind, event);
    assert.deepEqual(
      eventKind.columns.map((entry) => entry.cell(object, at)),
      [
        '60s',
        'Normal',
        'Pulled',
        'pod/web',
        'spec.containers{c}',
        'kubelet, node1',
        'done',
        '2m',
        3,
        'test',
      ],
    );
  });

  test('the newer form: a series, and a reporting controller', () => {
    const shown = cells(eventKind, {
      involvedObject: { kind: 'Node' },
      eventTime: '1969-12-31T23:59:00.000000Z',
      series: { count: 7, lastObservedTime: '1969-12-31T23:59:55.000000Z' },
      reportingComponent: 'scheduler',
    });
    assert.equal(shown['Last Seen'], '5s');
    assert.equal(shown['First Seen'], '60s');
    assert.equal(shown['Count'], 7);
    assert.equal(shown['Source'], 'scheduler');
    assert.equal(shown['Object'], 'node');
  });

  test('stands beside its object', () => {
    assert.deepEqual(fieldErrors(eventKind, event), []);
    assert.deepEqual(fieldErrors(eventKind, { involvedObject: { kind: 'Node', name: 'n' } }), []);
    assert.deepEqual(
      fieldErrors(eventKind, { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' } }),
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    );
  });

  test('is found by the object it is about', () => {
    const object = objectOf(eventKind, event);
    assert.equal(eventKind.fields?.['involvedObject.name']?.(object), 'web');
    assert.equal(eventKind.fields?.['source']?.(object), 'kubelet');
  });
});
