import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions, Tags } from 'yaml';

/** Octal numbers of YAML 1.2, which go-yaml reads beside those of 1.1. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'OCT',
  test: /^[-+]?0o[0-7]+$/u,
  resolve: (text) => Number.parseInt(text.replace('0o', ''), 8),
};

/** Its bytes become a text, since JSON knows nothing else. */
const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => Buffer.from(text, 'base64').toString(),
};

function isForeign(tag: Tags[number]): boolean {
  if (typeof tag === 'string') return false;
  return tag.format === 'TIME' || /:(?:timestamp|binary)$/u.test(tag.tag);
}

/**
 * YAML as kubectl and the API server read it: 1.1 as go-yaml understands it, where `yes` and `on` are booleans and `0644`
 * is octal, but `22:22` and dates are texts.
 */
export const kubernetesYaml = {
  version: '1.1',
  merge: true,
  customTags: (tags: Tags): Tags => [...tags.filter((tag) => !isForeign(tag)), octal, binary],
} as const satisfies ParseOptions & DocumentOptions & SchemaOptions;
