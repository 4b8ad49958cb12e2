import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  chooseCni,
  clearCni,
  cniNames,
  cniOf,
  describeCni,
  isCniName,
  nodeCniFolder,
  sharedConfigFolder,
} from './cni-choice.ts';
import { placeCniFile } from './cni-file.ts';
import { fault, recordOf, TestHome } from './testing/home.ts';

describe('names', () => {
  const enforcing = ['portolan', 'calico', 'cilium', 'kindnet'];
  for (const name of cniNames) {
    test(`${name} ${enforcing.includes(name) ? 'enforces policies' : 'does not enforce policies'}`, () => {
      const choice = chooseCni(name, {});
      assert.equal(choice.policyEnforcement, enforcing.includes(name));
      assert.equal(choice.network, name === 'none' ? 'plugins' : 'portolan');
    });
  }

  test('a file has a path or a suffix; anything else is no name', () => {
    for (const text of [...cniNames, './x', 'net.conflist', 'net.conf', 'net.json']) {
      assert.ok(isCniName(text), text);
    }
    for (const text of ['weave', '', 'Calico', 'constructor']) assert.ok(!isCniName(text), text);
    assert.throws(() => chooseCni('absent.conflist', {}), fault('CNI_FILE_NOT_FOUND'));
  });

  test('a record without a choice has Portolan’s own network', () => {
    assert.equal(cniOf(recordOf()).name, 'portolan');
    assert.equal(cniOf(recordOf({ cni: chooseCni('none', {}) })).name, 'none');
  });

  test('plugins are looked for in CNI_PATH first', () => {
    const { pluginPath = [] } = chooseCni('none', { CNI_PATH: '/a:relative:/b' });
    assert.deepEqual(pluginPath.slice(0, 4), ['/a', '/b', '/opt/cni/bin', '/usr/lib/cni']);
    assert.ok(existsSync(join(pluginPath[4] ?? '', 'portolan-cni')));
  });
});

describe('what a start says', () => {
  test('stands in one line, and nothing of the network that everybody expects', () => {
    using home = new TestHome();
    const said = (name: string) => describeCni(chooseCni(name, {}), home.cluster());
    assert.equal(said('portolan'), undefined);
    assert.equal(
      said('kindnet'),
      "--cni kindnet: Portolan's own network stands for kindnet; it enforces the same NetworkPolicies",
    );
    assert.equal(
      said('kubenet'),
      "--cni kubenet: Portolan's own network without policies stands for kubenet; NetworkPolicies are accepted, not enforced",
    );
    const folder = sharedConfigFolder(home.cluster());
    assert.equal(
      said('none'),
      `--cni none: nodes stay NotReady until a network configuration lies in ${folder}`,
    );
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '10-x.conflist'), '');
    assert.match(said('none') ?? '', /the pods' network is what .*10-x\.conflist says/);
  });
});

describe('a file', () => {
  const list = { cniVersion: '1.1.0', name: 'own', plugins: [{ type: 'portolan-cni' }] };

  test('goes where every node finds it, and goes with its choice; what users put there stays', () => {
    using home = new TestHome();
    const directories = home.cluster();
    const path = join(home.path, 'own.conflist');
    writeFileSync(path, JSON.stringify(list));
    const choice = chooseCni(path, {});
    placeCniFile(directories, choice);
    const folder = sharedConfigFolder(directories);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'own.conflist'), 'utf8')), list);
    writeFileSync(join(folder, 'mine.conflist'), '');
    mkdirSync(nodeCniFolder(directories, 'node1'), { recursive: true });
    clearCni(directories, choice);
    assert.ok(!existsSync(join(folder, 'own.conflist')));
    assert.ok(!existsSync(nodeCniFolder(directories, 'node1')));
    assert.ok(existsSync(join(folder, 'mine.conflist')));
  });

  const refused: readonly (readonly [code: string, text: string])[] = [
    ['INVALID_CNI_CONFIG', '{'],
    ['INVALID_CNI_CONFIG', JSON.stringify({ ...list, name: '' })],
    ['CNI_PLUGIN_MISSING', JSON.stringify({ ...list, plugins: [{ type: 'absent' }] })],
    ['CNI_ERROR', JSON.stringify({ ...list, cniVersion: '0.1.0' })],
  ];
  for (const [code, text] of refused) {
    test(`is refused with ${code}: ${text}`, () => {
      using home = new TestHome();
      const path = join(home.path, 'bad.conflist');
      writeFileSync(path, text);
      assert.throws(() => placeCniFile(home.cluster(), chooseCni(path, {})), fault(code));
      assert.ok(!existsSync(sharedConfigFolder(home.cluster())));
    });
  }
});
