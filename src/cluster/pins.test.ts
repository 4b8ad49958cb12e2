import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { createKernel } from '../kernel/index.ts';
import { bootId, hasLiveNetwork, namespacePin } from './pins.ts';
import { recordOf, TestHome } from './testing/home.ts';

test('pins are named after their nodes', () => {
  using home = new TestHome();
  assert.equal(namespacePin(home.cluster(), 'node1'), `${home.path}/run/portolan/ns/node-node1`);
  assert.equal(namespacePin(home.cluster()), `${home.path}/run/portolan/ns/fabric`);
});

test('a network lives while its boot lasts and its pins are namespaces', () => {
  using home = new TestHome();
  const cluster = home.cluster();
  const pin = namespacePin(cluster);
  const ofThisBoot = recordOf({ networkBoot: bootId() });
  assert.equal(hasLiveNetwork(cluster, recordOf()), false);
  assert.equal(hasLiveNetwork(cluster, ofThisBoot), false, 'no pin');
  mkdirSync(dirname(pin), { recursive: true });
  writeFileSync(pin, '');
  assert.equal(hasLiveNetwork(cluster, ofThisBoot), false, 'a file where a namespace was');
  rmSync(pin);
  const kernel = createKernel();
  kernel.createNetworkNamespace(pin);
  assert.equal(hasLiveNetwork(cluster, ofThisBoot), true);
  assert.equal(hasLiveNetwork(cluster, recordOf({ networkBoot: 'another' })), false);
  kernel.deleteNamespace(pin);
});
