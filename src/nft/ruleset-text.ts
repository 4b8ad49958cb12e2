import type { Chain } from './chain.ts';
import { typeNames } from './datatype.ts';
import { durationText } from './duration.ts';
import { elementText } from './element-text.ts';
import { expressionsText } from './expression.ts';
import { priorityText } from './hook.ts';
import type { NamedCounter } from './named-counter.ts';
import { RegisterTexts } from './register-texts.ts';
import type { Rule } from './rule.ts';
import type { ChainContents, Ruleset, SetContents, TableContents } from './ruleset.ts';
import type { SetDefinition } from './set.ts';
import { needsTypeof, typeofText } from './set-userdata.ts';

/** Prints a ruleset as `nft list ruleset` does; the text loads again with `nft -f`. */
export function rulesetText(ruleset: Ruleset): string {
  return ruleset.map(tableText).join('');
}

function tableText({ table, counters, sets, chains }: TableContents): string {
  const definitions = new Map(sets.map(({ definition }) => [definition.name, definition]));
  const blocks = [
    ...(table.dormant === true ? ['\tflags dormant'] : []),
    ...counters.map(counterText),
    ...sets.map(setText),
    ...chains.map((contents) => chainText(contents, definitions)),
  ];
  return `table ${table.family} ${table.name} {\n${blocks.join('\n\n')}\n}\n`;
}

function block(title: string, lines: readonly string[]): string {
  return [`\t${title} {`, ...lines.map((line) => `\t\t${line}`), '\t}'].join('\n');
}

function counterText({ name, packets = 0n, bytes = 0n }: NamedCounter): string {
  return block(`counter ${name}`, [`packets ${packets} bytes ${bytes}`]);
}

function setText({ definition, elements }: SetContents): string {
  const isMap = definition.data !== undefined || definition.object !== undefined;
  const lines = [typeText(definition), ...settingTexts(definition)];
  if (elements.length > 0) {
    const texts = elements.map((element) => elementText(definition, element));
    lines.push(`elements = { ${texts.join(',\n\t\t\t     ')} }`);
  }
  return block(`${isMap ? 'map' : 'set'} ${definition.name}`, lines);
}

function typeText(set: SetDefinition): string {
  const isTypeof = needsTypeof(set);
  const print = isTypeof ? typeofText : typeNames;
  const answer =
    set.object ?? (typeof set.data === 'string' ? set.data : set.data && print(set.data));
  return `${isTypeof ? 'typeof' : 'type'} ${print(set.key)}${answer === undefined ? '' : ` : ${answer}`}`;
}

function settingTexts(set: SetDefinition): string[] {
  const flags = [
    set.constant === true ? 'constant' : '',
    set.interval === true ? 'interval' : '',
    set.dynamic === true ? 'dynamic' : '',
    set.timeout === undefined || set.timeout === false ? '' : 'timeout',
  ].filter((flag) => flag !== '');
  return [
    set.size === undefined ? '' : `size ${set.size}`,
    flags.length === 0 ? '' : `flags ${flags.join(',')}`,
    set.counter === true ? 'counter' : '',
    typeof set.timeout === 'number' ? `timeout ${durationText(set.timeout)}` : '',
    set.comment === undefined ? '' : `comment ${JSON.stringify(set.comment)}`,
  ].filter((line) => line !== '');
}

function chainText(
  { chain, rules }: ChainContents,
  sets: ReadonlyMap<string, SetDefinition>,
): string {
  const lines = rules.map((rule) => ruleText(rule, sets));
  return block(`chain ${chain.name}`, [...baseTexts(chain), ...lines]);
}

function baseTexts({ base }: Chain): string[] {
  if (base === undefined) return [];
  const { type, hook, device, priority, policy } = base;
  const where = device === undefined ? hook : `${hook} device ${JSON.stringify(device)}`;
  return [`type ${type} hook ${where} priority ${priorityText(priority, hook)}; policy ${policy};`];
}

/** One rule as `nft list` prints it; `sets` are those of its table. */
export function ruleText(rule: Rule, sets: ReadonlyMap<string, SetDefinition>): string {
  const text = expressionsText(rule.expressions, new RegisterTexts(rule.family, sets));
  return rule.comment === undefined ? text : `${text} comment ${JSON.stringify(rule.comment)}`;
}
