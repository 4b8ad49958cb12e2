import { Fault } from '../../fault/index.ts';

/** An image's name, taken apart and completed (`nginx` is `docker.io/library/nginx:latest`). */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  /** Empty when only a digest was given. */
  readonly tag: string;
  /** `sha256:...` or empty. */
  readonly digest: string;
  /** The whole name, e.g. `docker.io/library/nginx:latest`. */
  readonly canonical: string;
  /** As people write it, e.g. `nginx:latest`. */
  readonly familiar: string;
}

const defaultRegistry = 'docker.io';
const officialPrefix = 'library/';

/** The grammar of github.com/distribution/reference. */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const registryPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[a-f0-9]{64}$/;
const longestName = 255;

/** Parses a reference as a pod names it. @throws Fault `INVALID_IMAGE_NAME` */
export function parseReference(text: string): ImageReference {
  const [beforeDigest, digest = ''] = splitOnce(text, '@');
  const [name, tag] = splitTag(beforeDigest);
  const [registry, repository] = splitRegistry(name);
  const isValid =
    repositoryPattern.test(repository) &&
    registryPattern.test(registry) &&
    name.length <= longestName &&
    (tag === undefined || tagPattern.test(tag)) &&
    (!text.includes('@') || digestPattern.test(digest));
  if (!isValid) throw invalidName(text);
  const fullTag = tag ?? (digest === '' ? 'latest' : '');
  const suffix = `${fullTag === '' ? '' : `:${fullTag}`}${digest === '' ? '' : `@${digest}`}`;
  const canonical = `${registry}/${repository}${suffix}`;
  return { registry, repository, tag: fullTag, digest, canonical, familiar: familiarOf(canonical) };
}

/** A port's colon stands before a slash, a tag's does not. */
function splitTag(name: string): [string, string | undefined] {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/')
    ? [name.slice(0, colon), name.slice(colon + 1)]
    : [name, undefined];
}

/** The first part is a registry when it cannot be a part of a repository's name on Docker Hub. */
function splitRegistry(name: string): [string, string] {
  const [first, rest] = splitOnce(name, '/');
  const isRegistry = rest !== undefined && (/[.:]/.test(first) || first === 'localhost');
  const registry = isRegistry
    ? first.replace(/^index\.docker\.io$/, defaultRegistry)
    : defaultRegistry;
  const repository = isRegistry ? rest : name;
  const isOfficial = registry === defaultRegistry && !repository.includes('/');
  return [registry, isOfficial ? `${officialPrefix}${repository}` : repository];
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function familiarOf(canonical: string): string {
  return canonical
    .replace(`${defaultRegistry}/${officialPrefix}`, '')
    .replace(new RegExp(`^${defaultRegistry}/`), '');
}

function invalidName(text: string): Fault {
  return new Fault({
    code: 'INVALID_IMAGE_NAME',
    message: `Failed to apply default image tag "${text}": couldn't parse image name "${text}": invalid reference format`,
    advice: 'Write [REGISTRY/]NAME[:TAG][@DIGEST], the name in lower case.',
  });
}
