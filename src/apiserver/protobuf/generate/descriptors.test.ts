import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { kubectls } from '../../streaming/testing/kubectl.ts';
import { messageNamed } from '../messages.ts';
import { messagesIn } from './descriptors.ts';

describe('the committed field numbers', () => {
  for (const { name, path, skip } of kubectls) {
    it(`are those of ${name}`, { skip }, (test) => {
      const described = path === undefined ? [] : messagesIn(readFileSync(path));
      if (described.length === 0) {
        test.skip(`${path} holds no descriptors: it may be a script`);
        return;
      }
      let compared = 0;
      for (const message of described) {
        const known = messageNamed(message.name);
        for (const field of message.fields) {
          const committed = known?.get(field.number);
          // An embedded struct has no name in JSON; a newer kubectl has fields that are not committed yet.
          if (committed?.name === undefined) continue;
          const where = `${message.name} ${field.number}`;
          assert.equal(committed.name.toLowerCase(), field.name.toLowerCase(), where);
          compared += 1;
        }
      }
      assert.ok(compared > 500, `only ${compared} fields were found`);
    });
  }
});
