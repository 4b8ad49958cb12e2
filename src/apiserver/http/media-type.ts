import { ApiError } from '../../kube/index.ts';

export interface MediaType {
  /** Lower case, without parameters: `application/json`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

function parseOne(text: string): MediaType {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const pairs = parameters.map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals).toLowerCase(), pair.slice(equals + 1)];
  });
  return { type: type.toLowerCase(), parameters: Object.fromEntries(pairs) };
}

/** The entries of an Accept header, in order: Kubernetes' clients list what they like best first. */
export function parseAccept(header: string | undefined): MediaType[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: {} }];
  return header.split(',').map(parseOne);
}

/** The media type of a body, without its parameters; empty when the header is absent. */
export function bodyType(header: string | undefined): string {
  return header === undefined ? '' : parseOne(header).type;
}

/** How objects are written to the client. */
export interface Negotiated {
  readonly encoding: 'json' | 'yaml';
  /** `Table` and `PartialObjectMetadata(List)` are views of an object that a client can ask for. */
  readonly view: 'object' | 'table' | 'metadata';
  /** `v1`, or `v1beta1`: of the view. */
  readonly viewVersion: string;
}

const encodings: Readonly<Record<string, Negotiated['encoding']>> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
};

const views: Readonly<Record<string, Negotiated['view']>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

function accept({ type, parameters }: MediaType): Negotiated | undefined {
  const encoding = encodings[type];
  if (encoding === undefined) return undefined;
  const { as, g: group, v: viewVersion = 'v1' } = parameters;
  if (as === undefined) return { encoding, view: 'object', viewVersion };
  const view = views[as];
  const isKnown = group === 'meta.k8s.io' && (viewVersion === 'v1' || viewVersion === 'v1beta1');
  return view === undefined || !isKnown ? undefined : { encoding, view, viewVersion };
}

/** Takes the first form that is served. @throws ApiError `NotAcceptable` */
export function negotiate(header: string | undefined): Negotiated {
  for (const mediaType of parseAccept(header)) {
    const negotiated = accept(mediaType);
    if (negotiated !== undefined) return negotiated;
  }
  throw new ApiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml',
  );
}

/** The version of aggregated discovery that the client wants before any other form, if it does. */
export function discoveryVersion(header: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(header)) {
    if (encodings[type] !== 'json') continue;
    const { as, g: group, v: version } = parameters;
    if (as === undefined) return undefined;
    if (as !== 'APIGroupDiscoveryList' || group !== 'apidiscovery.k8s.io') continue;
    if (version === 'v2' || version === 'v2beta1') return version;
  }
  return undefined;
}
