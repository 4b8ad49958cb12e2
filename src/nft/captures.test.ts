import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { attributeMap, readMessages } from '../netlink/index.ts';
import { encodeBatch } from './batch.ts';
import { ruleText } from './ruleset-text.ts';
import { readRule } from './rule.ts';
import type { Capture } from './testing/capture.ts';
import { comparable } from './testing/comparable.ts';
import { nftCases } from './testing/nft-cases.ts';
import { ruleCases } from './testing/rule-cases.ts';

const file = new URL('testdata/captures.json', import.meta.url);
const captures = JSON.parse(readFileSync(file, 'utf8')) as Capture[];
const sentFor = (command: string, setup: string): Buffer => {
  const found = captures.find((capture) => capture.command === command && capture.setup === setup);
  assert.ok(found, `no capture of ${command}: run src/nft/testing/update-captures.ts`);
  return Buffer.from(found.sent, 'hex');
};

describe('what nft sends', () => {
  for (const { setup, command, operations } of nftCases) {
    test(`nft ${command}`, () => {
      const ours = encodeBatch(operations, { first: 0 }).datagram;
      assert.deepEqual(comparable(ours), comparable(sentFor(command, setup)));
    });
  }
});

describe('what nft sends reads back', () => {
  for (const { setup, command, operations } of ruleCases) {
    const [operation] = operations;
    if (operation?.kind !== 'add rule') continue;
    const { rule } = operation;
    const [, message] = readMessages(sentFor(command, setup));
    const read = readRule('ip', attributeMap(message?.body.subarray(4) ?? Buffer.alloc(0)));
    test(`as the expressions of ${command}`, () => {
      assert.deepEqual(read.expressions, rule.expressions);
      assert.equal(read.comment, rule.comment);
    });
    test(`as text that starts like ${command}`, () => {
      const text = ruleText(rule, new Map());
      assert.ok(text.length > 0 && !text.includes('reg '), text);
    });
  }
});
