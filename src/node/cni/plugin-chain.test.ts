// Plugins that are shell scripts: what they are told, in which order, and what becomes of what they answer.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { parseNetworkList, type NetworkList } from '../../cni/index.ts';
import { createKernel } from '../../kernel/index.ts';
import { PluginChain } from './plugin-chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-chain-'));
after(() => rmSync(folder, { recursive: true }));
const record = join(folder, 'calls');
const pluginPath = [join(folder, 'none'), folder];
const chain = new PluginChain({ kernel: createKernel(), netns: undefined, pluginPath });

/** A plugin that notes the call and what it reads, then does as told. */
function plugin(name: string, script: string): void {
  const note = `printf '%s %s %s %s ' "$CNI_COMMAND" ${name} "$CNI_IFNAME" "$CNI_ARGS" >> ${record}`;
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${note}\ncat >> ${record}\necho >> ${record}\n${script}\n`);
  chmodSync(path, 0o755);
}

interface Noted {
  readonly call: string;
  readonly input: Record<string, unknown>;
}

function calls(): Noted[] {
  return readFileSync(record, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const brace = line.indexOf('{');
      const input = JSON.parse(line.slice(brace)) as Record<string, unknown>;
      return { call: line.slice(0, brace).trim(), input };
    });
}

function listOf(fields: object, ...types: string[]): NetworkList {
  const plugins = types.map((type) => ({ type, capabilities: { portMappings: true } }));
  return parseNetworkList(
    JSON.stringify({ cniVersion: '1.1.0', name: 'net', plugins, ...fields }),
    'x',
  );
}

const attachment = {
  containerID: 'c1',
  netns: '/run/c1',
  ifname: 'eth0',
  args: 'A=1',
  capabilities: { portMappings: [{ hostPort: 80 }] },
};
const result = { cniVersion: '1.1.0', ips: [{ address: '10.1.0.5/24' }] };

beforeEach(() => {
  writeFileSync(record, '');
  plugin('first', `[ "$CNI_COMMAND" != ADD ] || echo '${JSON.stringify(result)}'`);
  plugin('second', `[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"1.1.0"}'`);
});

describe('a chain', () => {
  test('adds in order, each told what the one before made', async () => {
    assert.deepEqual(await chain.add(listOf({}, 'first', 'second'), attachment), {
      cniVersion: '1.1.0',
    });
    const [first, second] = calls();
    assert.deepEqual([first?.call, second?.call], ['ADD first eth0 A=1', 'ADD second eth0 A=1']);
    assert.equal(first?.input['prevResult'], undefined);
    assert.deepEqual(first?.input['runtimeConfig'], { portMappings: [{ hostPort: 80 }] });
    assert.deepEqual(second?.input['prevResult'], result);
  });

  test('deletes in reverse, each told the end result', async () => {
    await chain.delete(listOf({}, 'first', 'second'), attachment, result);
    assert.deepEqual(
      calls().map(({ call, input }) => [call, input['prevResult']]),
      [
        ['DEL second eth0 A=1', result],
        ['DEL first eth0 A=1', result],
      ],
    );
  });

  test('checks in order, unless the list forbids it', async () => {
    await chain.check(listOf({ disableCheck: true }, 'first'), attachment, result);
    await chain.check(listOf({ cniVersion: '0.3.1' }, 'first'), attachment, result);
    await chain.check(listOf({}, 'first', 'second'), attachment, result);
    assert.deepEqual(
      calls().map(({ call }) => call),
      ['CHECK first eth0 A=1', 'CHECK second eth0 A=1'],
    );
  });

  test('asks for status and tells of attachments in use where the version has it', async () => {
    const valid = [{ containerID: 'c1', ifname: 'eth0' }];
    const old = listOf({ cniVersion: '1.0.0' }, 'first');
    await chain.status(old);
    await chain.collect(old, valid);
    await chain.collect(listOf({ disableGC: true }, 'first'), valid);
    await chain.status(listOf({}, 'first'));
    await chain.collect(listOf({}, 'first'), valid);
    assert.deepEqual(
      calls().map(({ call, input }) => [call, input['cni.dev/valid-attachments']]),
      [
        ['STATUS first', undefined],
        ['GC first', valid],
      ],
    );
  });
});

describe('an error', () => {
  const cases: readonly (readonly [name: string, script: string, number: number, words: RegExp])[] =
    [
      [
        'of the specification keeps its number, message and details',
        `echo '{"cniVersion":"1.1.0","code":11,"msg":"not now","details":"busy"}'; exit 1`,
        11,
        /^plugin type="bad" name="net" failed \(add\): not now; busy$/,
      ],
      [
        'in words of its own is quoted',
        'echo "panic: oh" >&2; exit 2',
        100,
        /failed \(add\): netplugin failed: "panic: oh": exit status 2$/,
      ],
      [
        'without words says how it ended',
        'exit 3',
        100,
        /failed \(add\): netplugin failed with no error message: exit status 3$/,
      ],
      [
        'by a signal names it',
        'kill -TERM $$',
        100,
        /failed \(add\): netplugin failed with no error message: signal: SIGTERM$/,
      ],
      ['is also no result', 'echo hello', 6, /failed \(add\): the plugin printed no result; hello/],
    ];
  for (const [name, script, number, message] of cases) {
    test(name, async () => {
      plugin('bad', script);
      await assert.rejects(chain.add(listOf({}, 'first', 'bad', 'second'), attachment), {
        number,
        message,
      });
      assert.equal(calls().length, 2);
    });
  }

  test('names a plugin that is not there', async () => {
    await assert.rejects(chain.add(listOf({}, 'absent'), attachment), {
      message: `plugin type="absent" name="net" failed (add): failed to find plugin "absent" in path [${pluginPath.join(' ')}]`,
    });
  });

  test('a file that cannot be run says so', async () => {
    writeFileSync(join(folder, 'odd'), '#!/nowhere/at/all\n');
    chmodSync(join(folder, 'odd'), 0o755);
    await assert.rejects(chain.status(listOf({}, 'odd')), {
      number: 5,
      message: /cannot run .*odd/,
    });
  });
});
