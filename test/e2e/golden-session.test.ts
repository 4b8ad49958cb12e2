// A recorded session of kubectl 1.20 with a real API server, played again: it must print the same but for what differs
// between any two sessions, and between the API of then and of now.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inputs } from './golden/inputs.ts';
import { comparable } from './golden/comparable.ts';
import { oldKubectl, TestCluster, until } from './harness.ts';

const cluster = new TestCluster();
const kubectl = oldKubectl ?? 'kubectl';
const skip = oldKubectl === undefined && 'no old kubectl: set PORTOLAN_KUBECTL_OLD';
const recording = join(import.meta.dirname, 'golden', 'kubectl-1.20-session.txt');

interface Step {
  readonly command: string;
  readonly output: string;
}

/** The recording: `$ command`, then what it printed, then an empty line before the next. */
function steps(text: string): Step[] {
  const blocks = text.split(/^\$ /m).slice(1);
  return blocks.map((block) => {
    const end = block.indexOf('\n');
    return { command: block.slice(0, end), output: block.slice(end + 1).trim() };
  });
}

/** Answers that cannot be compared word for word, each with its reason: they only have to be given. */
const incomparable: Readonly<Record<string, string>> = {
  'kubectl describe pod busybox': 'tokens are projected since 1.24, and pods have two addresses',
  'kubectl get events': 'the recording has the events of an earlier session',
};

/** What a command prints, without the warnings that nothing acts on an object yet. */
async function answer(command: string, input: string | undefined): Promise<string> {
  const line = command.replace(/^kubectl/, kubectl).replace(/-f \S+/, '-f -');
  const options = input === undefined ? {} : { input };
  const { stdout } = await cluster.run('sh', ['-c', `${line} 2>&1`], options);
  return comparable(stdout.replaceAll(/^Warning: .*\n/gm, ''));
}

before(async () => {
  if (skip === false) await cluster.start();
});
after(() => cluster.close());

describe('the recorded session', { skip }, () => {
  const typed = inputs.standard[Symbol.iterator]();
  for (const { command, output } of steps(readFileSync(recording, 'utf8'))) {
    const [, file] = /-f (\S+)/.exec(command) ?? [];
    const input = file === '-' ? typed.next().value : inputs.files[file ?? ''];
    test(command, async () => {
      const expected = comparable(output);
      let said = await answer(command, input);
      if (incomparable[command] !== undefined) {
        assert.notEqual(said, '');
        assert.doesNotMatch(said, /^error/i);
        return;
      }
      // The recording waited for pods; reading may be done again until they are there.
      if (/^kubectl (get|describe) /.test(command)) {
        await until(command, async () => {
          if (said === expected) return true;
          said = await answer(command, input);
          return undefined;
        }).catch(() => {});
      }
      assert.equal(said, expected);
    });
  }
});
