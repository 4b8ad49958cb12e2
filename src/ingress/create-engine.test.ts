import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from './create-engine.ts';
import { findHaproxy } from './haproxy-engine/find-haproxy.ts';
import { HaproxyEngine } from './haproxy-engine/haproxy-engine.ts';
import { NodeEngine } from './node-engine/node-engine.ts';

const options = {
  place: { netns: undefined, httpPort: 0, httpsPort: 0 },
  onAccess: () => {},
  log: () => {},
};

test('an engine by its name', async () => {
  const engine = await createEngine('node', options);
  await engine.close(0);
  assert.ok(engine instanceof NodeEngine);
});

test('auto is HAProxy where there is one', async () => {
  const engine = await createEngine('auto', options);
  await engine.close(0);
  assert.equal(engine instanceof HaproxyEngine, findHaproxy() !== undefined);
});

test('HAProxy is found on the PATH, or where set-up has unpacked it', () => {
  assert.equal(
    findHaproxy({ PATH: '/nowhere', PORTOLAN_HAPROXY: '/nowhere/haproxy' })?.path.startsWith(
      '/nowhere',
    ),
    undefined,
  );
});
