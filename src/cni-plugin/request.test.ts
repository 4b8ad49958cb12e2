import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runPlugin } from './run-plugin.ts';

const config = { cniVersion: '1.0.0', name: 'net', type: 'portolan-cni' };
const env = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/run/netns/x',
  CNI_IFNAME: 'eth0',
};

/** What a runtime reads; no request of these gets as far as the kernel. */
async function ask(change: NodeJS.ProcessEnv, text = JSON.stringify(config)): Promise<unknown> {
  const { code, output } = await runPlugin({ ...env, ...change }, text, () => {
    throw new Error('the kernel was asked');
  });
  return { exit: code, ...(JSON.parse(output) as object) };
}

test('VERSION needs no configuration, and answers in the version of one', async () => {
  const supportedVersions = ['0.4.0', '1.0.0', '1.1.0'];
  const answer = (cniVersion: string) => ({ exit: 0, cniVersion, supportedVersions });
  assert.deepEqual(await ask({ CNI_COMMAND: 'VERSION' }, ''), answer('1.1.0'));
  assert.deepEqual(
    await ask({ CNI_COMMAND: 'VERSION' }, '{"cniVersion":"0.4.0"}'),
    answer('0.4.0'),
  );
});

describe('what is refused', () => {
  const cases: readonly (readonly [NodeJS.ProcessEnv, string | undefined, number, string])[] = [
    [{ CNI_COMMAND: '' }, undefined, 4, 'required env variables [CNI_COMMAND] missing'],
    [{ CNI_COMMAND: 'MOVE' }, undefined, 4, 'unknown CNI_COMMAND: MOVE'],
    [
      { CNI_NETNS: '', CNI_IFNAME: '' },
      undefined,
      4,
      'required env variables [CNI_NETNS,CNI_IFNAME] missing',
    ],
    [{ CNI_CONTAINERID: '../c' }, undefined, 4, 'CNI_CONTAINERID "../c" has invalid characters'],
    [{ CNI_IFNAME: '..' }, undefined, 4, 'CNI_IFNAME ".." cannot name an interface'],
    [{ CNI_IFNAME: 'a:b' }, undefined, 4, 'CNI_IFNAME "a:b" cannot name an interface'],
    [
      { CNI_IFNAME: 'x'.repeat(16) },
      undefined,
      4,
      `CNI_IFNAME "${'x'.repeat(16)}" cannot name an interface`,
    ],
    [{}, '{', 6, 'error unmarshalling network config'],
    [{}, '3', 6, 'network config is not an object'],
    [{}, '{"cniVersion":"0.3.1","name":"net"}', 1, 'incompatible CNI versions'],
    [{}, '{"cniVersion":"1.0.0","name":"a b"}', 7, '"a b" cannot name a network'],
    [{ CNI_COMMAND: 'GC' }, undefined, 1, 'config version does not allow GC'],
    [{ CNI_COMMAND: 'STATUS' }, undefined, 1, 'config version does not allow STATUS'],
  ];
  for (const [change, text, code, msg] of cases) {
    test(msg, async () => {
      const answer = (await ask(change, text)) as Record<string, unknown>;
      assert.deepEqual([answer['exit'], answer['code'], answer['msg']], [1, code, msg]);
    });
  }

  test('an error is in the version of the configuration, with details apart', async () => {
    assert.deepEqual(await ask({ CNI_COMMAND: 'GC' }), {
      exit: 1,
      cniVersion: '1.0.0',
      code: 1,
      msg: 'config version does not allow GC',
      details: 'config is "1.0.0", GC came with 1.1.0',
    });
  });
});
