import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../../kube/index.ts';
import type { EndpointGroup } from './desired-slices.ts';
import { diffSlices, type SliceTemplate } from './slice-diff.ts';

const template: SliceTemplate = {
  limit: 3,
  metadata: { generateName: 'web-', namespace: 'shop', labels: { a: '1', b: '2' } },
};

function endpoint(number: number, ready = true): Endpoint {
  return {
    addresses: [`10.244.0.${number}`],
    conditions: { ready, serving: ready, terminating: false },
  };
}

function group(...endpoints: Endpoint[]): EndpointGroup {
  return { addressType: 'IPv4', ports: [{ name: '', protocol: 'TCP', port: 80 }], endpoints };
}

/** What the server would have stored of a created slice. */
function stored(slices: readonly EndpointSlice[]): EndpointSlice[] {
  return slices.map((slice, at) => ({
    ...slice,
    metadata: { labels: { b: '2', a: '1' }, ...slice.metadata, name: `web-${at}` },
  }));
}

function numbers(slice: EndpointSlice | undefined): string {
  return (slice?.endpoints ?? []).map(({ addresses }) => addresses[0]?.split('.').at(-1)).join();
}

function range(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, at) => endpoint(at + 1));
}

test('fills slices up to the limit', () => {
  const { create, update, remove } = diffSlices([group(...range(7))], [], template);
  assert.deepEqual(create.map(numbers), ['1,2,3', '4,5,6', '7']);
  assert.deepEqual([update, remove], [[], []]);
});

test('equal state asks for nothing, whatever the order of fields', () => {
  const existing = stored(diffSlices([group(...range(7))], [], template).create);
  assert.deepEqual(diffSlices([group(...range(7).reverse())], existing, template), {
    create: [],
    update: [],
    remove: [],
  });
});

test('one endpoint’s change is one slice’s write', () => {
  const existing = stored(diffSlices([group(...range(7))], [], template).create);
  const wanted = range(7).map((one, at) => (at === 4 ? endpoint(5, false) : one));
  const { create, update, remove } = diffSlices([group(...wanted)], existing, template);
  assert.deepEqual(
    update.map(({ metadata }) => metadata.name),
    ['web-1'],
  );
  assert.equal(update[0]?.endpoints[1]?.conditions?.ready, false);
  assert.deepEqual([create, remove], [[], []]);
});

test('a new endpoint goes where there is room; an emptied slice goes', () => {
  const existing = stored(diffSlices([group(...range(7))], [], template).create);
  const added = diffSlices([group(...range(8))], existing, template);
  assert.deepEqual(added.update.map(numbers), ['7,8']);
  assert.deepEqual(added.create, []);
  const shrunk = diffSlices([group(...range(6))], existing, template);
  assert.deepEqual(
    shrunk.remove.map(({ metadata }) => metadata.name),
    ['web-2'],
  );
  assert.deepEqual(shrunk.update, []);
});

test('changed ports are written over the old ports’ slice, in one write (row 28)', () => {
  const existing = stored(diffSlices([group(...range(2))], [], template).create);
  const other = {
    ...group(...range(2)),
    ports: [{ name: '', protocol: 'TCP' as const, port: 81 }],
  };
  const { create, update, remove } = diffSlices([other], existing, template);
  assert.deepEqual([create.length, update.length, remove.length], [0, 1, 0]);
  assert.equal(update[0]?.metadata.name, 'web-0');
  assert.deepEqual(update[0]?.ports, other.ports);
});

test('a Service without endpoints keeps one empty slice', () => {
  const empty: EndpointGroup = { addressType: 'IPv4', ports: [], endpoints: [] };
  const { create } = diffSlices([empty], [], template);
  assert.deepEqual(create.map(numbers), ['']);
  assert.deepEqual(diffSlices([empty], stored(create), template).create, []);
});
