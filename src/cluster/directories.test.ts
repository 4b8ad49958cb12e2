import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterDirectories, findDirectories, places } from './directories.ts';
import { fault } from './testing/home.ts';

test('everything is below PORTOLAN_HOME, made absolute', () => {
  assert.deepEqual(findDirectories({ PORTOLAN_HOME: '/srv/p', XDG_STATE_HOME: '/elsewhere' }), {
    images: '/srv/p/images',
    clusters: '/srv/p/clusters',
    run: '/srv/p/run',
  });
  assert.equal(findDirectories({ PORTOLAN_HOME: 'p' }).run, `${process.cwd()}/p/run`);
});

test('else data and state are where XDG says, if what it says is absolute', () => {
  const found = findDirectories({ XDG_DATA_HOME: '/d', XDG_STATE_HOME: 'relative' });
  assert.equal(found.images, '/d/portolan/images');
  assert.match(found.clusters, /^\/.*\/\.local\/state\/portolan\/clusters$/);
});

test('run-time files outlive the login and belong to one home', () => {
  const first = findDirectories({ XDG_STATE_HOME: '/a', XDG_RUNTIME_DIR: '/run/user/0' });
  const second = findDirectories({ XDG_STATE_HOME: '/b', XDG_RUNTIME_DIR: '/run/user/0' });
  assert.match(first.run, /^\/run\/portolan\/[0-9a-f]{8}$/);
  assert.notEqual(first.run, second.run);
});

test('a cluster has folders of its own', () => {
  const all = findDirectories({ PORTOLAN_HOME: '/srv/p' });
  const shop = clusterDirectories(all, 'shop');
  assert.equal(places.record(shop), '/srv/p/clusters/shop/cluster.json');
  assert.equal(places.socket(shop), '/srv/p/run/shop/daemon.sock');
});

test('a home whose sockets the kernel would refuse is refused first', () => {
  const all = findDirectories({ PORTOLAN_HOME: `/srv/${'long/'.repeat(20)}` });
  assert.throws(() => clusterDirectories(all, 'shop'), fault('HOME_TOO_LONG'));
});
