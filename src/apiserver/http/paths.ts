import type { OpenApiDocument } from '../openapi/contract.ts';
import { aggregatedDiscovery } from '../discovery/aggregated.ts';
import type { DiscoverySource } from '../discovery/api-resources.ts';
import { apiGroups } from '../discovery/groups.ts';
import { coreVersions, groupList, groupNamed, resourceList } from '../discovery/legacy.ts';
import { versionInfo } from '../version.ts';
import type { Environment } from './environment.ts';
import type { Exchange } from './exchange.ts';
import { discoveryVersion, negotiate } from './media-type.ts';

type PathHandler = (environment: Environment, exchange: Exchange) => Promise<void>;

export async function sendNotFound(exchange: Exchange): Promise<void> {
  await exchange.sendText(404, '404 page not found\n');
}

function sourceOf({ registry, reviews }: Environment): DiscoverySource {
  return {
    kinds: () => registry.catalog.definitions(),
    reviews,
    subresources: registry.subresources,
  };
}

async function sendDocument(exchange: Exchange, document: unknown): Promise<void> {
  if (document === undefined) return sendNotFound(exchange);
  const { encoding } = negotiate(exchange.accept);
  return exchange.sendValue(200, document, encoding);
}

/** Sends aggregated discovery to clients that ask for it first, else what `legacy` makes. */
function discovery(
  part: 'core' | 'groups',
  legacy: (source: DiscoverySource, environment: Environment) => unknown,
): PathHandler {
  return async (environment, exchange) => {
    const source = sourceOf(environment);
    const version = discoveryVersion(exchange.accept);
    exchange.response.setHeader('vary', 'Accept');
    if (version === undefined) return sendDocument(exchange, legacy(source, environment));
    const document = `${JSON.stringify(aggregatedDiscovery(source, { part, version }))}\n`;
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    return exchange.sendText(200, document, type);
  };
}

async function health(_environment: Environment, exchange: Exchange): Promise<void> {
  const name = exchange.url.pathname.slice(1);
  const text = exchange.query.has('verbose') ? `[+]ping ok\n${name} check passed\n` : 'ok';
  await exchange.sendText(200, text);
}

async function sendOpenApi(
  exchange: Exchange,
  document: OpenApiDocument | undefined,
): Promise<void> {
  if (document === undefined) return sendNotFound(exchange);
  const { response, request } = exchange;
  response.setHeader('etag', document.etag);
  response.setHeader('vary', 'Accept');
  if (request.headers['if-none-match'] === document.etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  await exchange.sendBytes(200, document.body, document.contentType);
}

async function openIdConfiguration({ tokens }: Environment, exchange: Exchange): Promise<void> {
  await exchange.sendValue(200, {
    issuer: tokens.issuer,
    jwks_uri: `${tokens.issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
}

async function rootPaths(environment: Environment, exchange: Exchange): Promise<void> {
  const groups = apiGroups(sourceOf(environment)).flatMap(({ name, versions }) =>
    name === ''
      ? ['/api', '/api/v1']
      : [`/apis/${name}`, ...versions.map((version) => `/apis/${name}/${version}`)],
  );
  const paths = [...groups, ...Object.keys(handlers)].filter((path) => path !== '/').sort();
  await exchange.sendValue(200, { paths: [...new Set(paths)] });
}

const handlers: Readonly<Record<string, PathHandler>> = {
  '/': rootPaths,
  '/.well-known/openid-configuration': openIdConfiguration,
  '/api': discovery('core', (_source, environment) => coreVersions(environment.address())),
  '/apis': discovery('groups', groupList),
  '/healthz': health,
  '/livez': health,
  '/metrics': ({ metrics }, exchange) =>
    exchange.sendText(200, metrics.text(), 'text/plain; version=0.0.4; charset=utf-8'),
  '/openapi/v2': ({ openApi }, exchange) =>
    sendOpenApi(exchange, openApi.v2(exchange.accept ?? '*/*')),
  '/openapi/v3': ({ openApi }, exchange) => sendOpenApi(exchange, openApi.index()),
  '/openid/v1/jwks': ({ tokenKey }, exchange) =>
    exchange.sendText(
      200,
      JSON.stringify({ keys: [tokenKey.toJsonWebKey()] }),
      'application/jwk-set+json',
    ),
  '/readyz': health,
  '/version': (_environment, exchange) => exchange.sendValue(200, versionInfo()),
};

const openApiPrefix = '/openapi/v3/';

/** `/api/v1`, `/apis/GROUP` and `/apis/GROUP/VERSION`; undefined for any other path. */
function groupDocument(environment: Environment, path: string): unknown {
  const source = sourceOf(environment);
  const [, root, group = '', version, ...rest] = path.split('/');
  if (rest.length > 0) return undefined;
  if (root === 'api') {
    return version === undefined ? resourceList(source, { group: '', version: group }) : undefined;
  }
  if (root !== 'apis') return undefined;
  return version === undefined
    ? groupNamed(source, group)
    : resourceList(source, { group, version });
}

/** Answers a path that is no resource. */
export async function servePath(environment: Environment, exchange: Exchange): Promise<void> {
  const path = exchange.url.pathname === '/' ? '/' : exchange.url.pathname.replace(/\/$/, '');
  const handler = handlers[path];
  if (handler !== undefined) return handler(environment, exchange);
  if (path.startsWith(openApiPrefix)) {
    const document = environment.openApi.groupVersion(path.slice(openApiPrefix.length));
    return sendOpenApi(exchange, document);
  }
  return sendDocument(exchange, groupDocument(environment, path));
}
