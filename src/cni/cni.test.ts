import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { formatAddress } from '../ip/index.ts';
import { CniError, readCniError } from './cni-error.ts';
import { hasOperation, parseNetworkList, pluginInput, type NetworkList } from './network-list.ts';
import { podAddresses, readResult, resultIn } from './result.ts';
import { chooseVersion, isAtLeast } from './version.ts';

const bridge = { type: 'bridge', bridge: 'cni0' };

function listOf(fields: object): NetworkList {
  return parseNetworkList(JSON.stringify({ cniVersion: '1.0.0', name: 'net', ...fields }), 'x');
}

describe('a network configuration', () => {
  test('has a name, a version and its plugins in order', () => {
    const list = listOf({ plugins: [bridge, { type: 'portmap' }], disableCheck: 'true' });
    assert.deepEqual(
      list.plugins.map(({ type }) => type),
      ['bridge', 'portmap'],
    );
    assert.deepEqual([list.name, list.disableCheck, list.disableGC], ['net', true, false]);
  });

  test('may be one plugin without a list', () => {
    assert.deepEqual(
      listOf(bridge).plugins.map(({ type }) => type),
      ['bridge'],
    );
  });

  test('offers versions, of which the newest known one is spoken', () => {
    const versions = { cniVersions: ['0.4.0', '1.1.0', '9.0.0'], plugins: [bridge] };
    assert.equal(listOf(versions).cniVersion, '1.1.0');
  });

  const refused: readonly (readonly [name: string, text: string, message: RegExp])[] = [
    ['no JSON', '{', /^x: not JSON: /],
    ['no object', '[]', /^x: not a JSON object$/],
    ['no name', '{"cniVersion":"1.0.0"}', /^x: name: undefined cannot name a network$/],
    ['no version', '{"name":"n"}', /^x: cniVersion: required$/],
    ['no plugins', '{"name":"n","cniVersion":"1.0.0"}', /^x: no plugins in list$/],
    [
      'a path for a type',
      '{"name":"n","cniVersion":"1.0.0","plugins":[{"type":"../sh"}]}',
      /^x: plugins\[0\]\.type: must be the name of a plugin's program$/,
    ],
    [
      'an unknown version',
      '{"name":"n","cniVersion":"7.0.0","plugins":[{"type":"a"}]}',
      /^incompatible CNI versions; config is "7\.0\.0", known are /,
    ],
  ];
  for (const [name, text, message] of refused) {
    test(`is refused with ${name}`, () => {
      assert.throws(() => parseNetworkList(text, '/etc/cni/x'), { message });
    });
  }
});

describe('what a plugin is told', () => {
  const portmap = { type: 'portmap', capabilities: { portMappings: true, dns: false, ips: true } };

  test('name and version of the list, the result so far, and of the capabilities those it names', () => {
    const list = listOf({ plugins: [portmap] });
    const prevResult = { cniVersion: '1.0.0' };
    const capabilities = { portMappings: [{ hostPort: 80 }], dns: { servers: [] } };
    assert.deepEqual(pluginInput(list, portmap, { prevResult, capabilities }), {
      type: 'portmap',
      name: 'net',
      cniVersion: '1.0.0',
      prevResult,
      runtimeConfig: { portMappings: [{ hostPort: 80 }] },
    });
  });

  test('the attachments in use, under both names that the specification had for them', () => {
    const validAttachments = [{ containerID: 'a', ifname: 'eth0' }];
    const input = pluginInput(listOf(bridge), bridge, { validAttachments });
    assert.deepEqual(input['cni.dev/valid-attachments'], validAttachments);
    assert.deepEqual(input['cni.dev/attachments'], validAttachments);
  });
});

describe('versions', () => {
  test('compare by their numbers', () => {
    assert.ok(isAtLeast('1.10.0', '1.9.0'));
    assert.ok(isAtLeast('0.4.0', '0.4.0'));
    assert.ok(!isAtLeast('0.4.0', '1.0.0'));
  });

  test('have operations', () => {
    assert.ok(!hasOperation({ cniVersion: '0.3.1' }, 'CHECK'));
    assert.ok(hasOperation({ cniVersion: '0.4.0' }, 'CHECK'));
    assert.ok(!hasOperation({ cniVersion: '1.0.0' }, 'GC'));
    assert.ok(hasOperation({ cniVersion: '1.1.0' }, 'STATUS'));
  });

  test('are the newest that both sides know', () => {
    assert.equal(chooseVersion(['1.0.0', '0.4.0'], ['0.4.0', '1.0.0', '1.1.0']), '1.0.0');
    assert.throws(() => chooseVersion(['0.1.0'], ['1.0.0']), { number: 1 });
  });
});

describe('an answer', () => {
  const result = {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'cni0' }, { name: 'eth0', sandbox: '/run/x' }],
    ips: [
      { address: '10.1.0.1/24', interface: 0 },
      { address: '10.1.0.5/24', gateway: '10.1.0.1', interface: 1 },
      { address: 'fd00::5/64', interface: 1 },
      { address: '10.1.0.6/24', interface: 1 },
    ],
  };

  test('gives the pod the first address of each family on its own interfaces', () => {
    assert.deepEqual(podAddresses(result).map(formatAddress), ['10.1.0.5', 'fd00::5']);
  });

  test('names the family of each address before 1.0.0', () => {
    const old = resultIn('0.4.0', result);
    assert.deepEqual(
      old.ips?.map(({ version }) => version),
      ['4', '4', '6', '4'],
    );
    assert.deepEqual(resultIn('1.0.0', old), result);
  });

  test('must be a result', () => {
    assert.deepEqual(readResult(JSON.stringify(result)), result);
    const refused: readonly (readonly [text: string, message: RegExp])[] = [
      ['', /^the plugin printed no result/],
      ['{}', /^the result's cniVersion is missing$/],
      ['null', /^the result's cniVersion is missing$/],
      ['{"cniVersion":"1.0.0","ips":{}}', /^the result's ips is no list$/],
      ['{"cniVersion":"1.0.0","ips":[{"address":5}]}', /^the result's ips\[0\] is malformed: /],
      ['{"cniVersion":"1.0.0","interfaces":[{}]}', /^the result's interfaces\[0\] is malformed: /],
      ['{"cniVersion":"1.0.0","dns":[]}', /^the result's dns is no object$/],
    ];
    for (const [text, message] of refused) {
      assert.throws(() => readResult(text), { number: 6, message }, text);
    }
  });

  test('may have null for an empty list, as Go writes it', () => {
    const text = '{"cniVersion":"1.0.0","interfaces":null,"ips":null,"dns":{}}';
    assert.deepEqual(readResult(text), { cniVersion: '1.0.0', dns: {} });
  });

  test('whatever a plugin prints is a result that can be read, or refused', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          address: fc.oneof(fc.jsonValue(), fc.constantFrom('10.1.0.5/24', 'x')),
          interface: fc.jsonValue(),
          name: fc.jsonValue(),
          sandbox: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    const printed = fc.record(
      {
        cniVersion: fc.constant('1.0.0'),
        ips: fc.oneof(anything, fc.array(anything)),
        interfaces: fc.oneof(anything, fc.array(anything)),
        dns: anything,
      },
      { requiredKeys: ['cniVersion'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), printed), (value) => {
        try {
          const read = readResult(JSON.stringify(value));
          podAddresses(read);
          resultIn('0.4.0', read);
        } catch (error) {
          assert.ok(error instanceof CniError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('an error keeps number, message and details both ways', () => {
    const text = '{"cniVersion":"1.0.0","code":11,"msg":"not now","details":"busy"}';
    const error = readCniError(text);
    assert.ok(error instanceof CniError);
    assert.equal(error.message, 'not now; busy');
    assert.deepEqual(error.toResult('1.0.0'), JSON.parse(text));
    for (const other of ['panic: oh', 'null', '{"code":"1"}']) {
      assert.equal(readCniError(other), undefined);
    }
  });
});
