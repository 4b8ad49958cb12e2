import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ingress, IngressTLS, Secret, Service } from '../../kube/index.ts';
import { PREFIX } from '../annotations/reader.ts';
import { RouteCompiler, type RouteCompilation } from '../compile-routes.ts';
import type { ControllerSettings, RouteWorld } from '../world.ts';

/** An Ingress in short: paths as `host/path`, with ` =` for Exact and ` ~` for ImplementationSpecific. */
export interface IngressSketch {
  readonly name: string;
  readonly namespace?: string;
  readonly className?: string;
  /** From `host/path` to `service:port`. */
  readonly paths?: Readonly<Record<string, string>>;
  readonly defaultBackend?: string;
  /** Without prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly legacyClass?: string;
  readonly tls?: IngressTLS[];
  /** Seconds since the first Ingress. */
  readonly age?: number;
}

function backendOf(text: string): {
  service: { name: string; port: { name?: string; number?: number } };
} {
  const [name = '', port = '80'] = text.split(':');
  const number = Number(port);
  return { service: { name, port: Number.isNaN(number) ? { name: port } : { number } } };
}

const pathTypes = { '=': 'Exact', '~': 'ImplementationSpecific', '': 'Prefix' } as const;

/** The Ingress of a sketch. */
export function ingress(sketch: IngressSketch): Ingress {
  const { name, namespace = 'default', paths = {}, annotations = {}, age = 0, tls } = sketch;
  const rules = Object.entries(paths).map(([where, to]) => {
    const [target = '', kind = ''] = where.split(' ');
    const slash = target.indexOf('/');
    const path = {
      path: target.slice(slash),
      pathType: pathTypes[kind as '=' | '~' | ''],
      backend: backendOf(to),
    };
    return { host: target.slice(0, slash), http: { paths: [path] } };
  });
  const prefixed = Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]);
  const legacy =
    sketch.legacyClass === undefined ? [] : [['kubernetes.io/ingress.class', sketch.legacyClass]];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      creationTimestamp: new Date(age * 1000).toISOString(),
      annotations: Object.fromEntries([...prefixed, ...legacy]) as Record<string, string>,
    },
    spec: {
      ingressClassName:
        sketch.className ?? (sketch.legacyClass === undefined ? 'nginx' : undefined),
      defaultBackend:
        sketch.defaultBackend === undefined ? undefined : backendOf(sketch.defaultBackend),
      tls,
      rules,
    },
  };
}

/** A Service with one port 80 (name `http`) and one with a name of its own, and its addresses. */
export interface ServiceSketch {
  readonly ips?: readonly string[];
  readonly spec?: Partial<Service['spec']>;
}

export interface WorldSketch {
  readonly ingresses?: readonly IngressSketch[];
  /** By name in `default`, or `namespace/name`. */
  readonly services?: Readonly<Record<string, ServiceSketch>>;
  /** Values in clear. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly classes?: Readonly<Record<string, string>>;
}

const keyed = (name: string): string => (name.includes('/') ? name : `default/${name}`);

function metadataOf(key: string): { name: string; namespace: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function mapOf<T, U>(
  of: Readonly<Record<string, T>> = {},
  make: (key: string, value: T) => U,
): Map<string, U> {
  return new Map(
    Object.entries(of).map(([name, value]) => [keyed(name), make(keyed(name), value)]),
  );
}

/** The world of a sketch. */
export function worldOf({
  ingresses = [],
  services,
  secrets,
  configMaps,
  classes,
}: WorldSketch): RouteWorld {
  const made = ingresses.map(ingress);
  return {
    ingresses: new Map(
      made.map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]),
    ),
    classes: new Map(
      Object.entries(classes ?? { nginx: 'k8s.io/ingress-nginx' }).map(([name, controller]) => [
        name,
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IngressClass',
          metadata: { name },
          spec: { controller },
        },
      ]),
    ),
    services: mapOf(services, (key, { spec }) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadataOf(key),
      spec: {
        clusterIP: '10.96.0.99',
        ports: [{ name: 'http', port: 80, targetPort: 8080 }],
        ...spec,
      },
    })),
    slices: mapOf(services, (key, { ips = ['10.244.0.2'] }) => [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: metadataOf(key),
        addressType: 'IPv4' as const,
        endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' as const }],
      },
    ]),
    secrets: mapOf(secrets, (key, values): Secret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadataOf(key),
      data: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          Buffer.from(value).toString('base64'),
        ]),
      ),
    })),
    configMaps: mapOf(configMaps, (key, data) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(key),
      data: { ...data },
    })),
  };
}

export const settings: ControllerSettings = {
  controller: 'k8s.io/ingress-nginx',
  legacyClass: 'nginx',
  takesClassless: false,
  fallbackCertificate: { chain: '', key: '' },
};

/** Compiles a sketch once. */
export function compile(
  sketch: WorldSketch,
  other: Partial<ControllerSettings> = {},
): RouteCompilation {
  return new RouteCompiler({ ...settings, ...other }).compile(worldOf(sketch));
}

/** A self-signed certificate and its key, PEM, made by openssl. */
export function selfSigned(...names: readonly string[]): { 'tls.crt': string; 'tls.key': string } {
  const directory = mkdtempSync(join(tmpdir(), 'portolan-certificate-'));
  const [crt, key] = [join(directory, 'crt'), join(directory, 'key')] as const;
  try {
    const san = names.map((name) => `DNS:${name}`).join(',');
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
      ].concat([
        '-subj',
        '/CN=test',
        '-addext',
        `subjectAltName=${san}`,
        '-keyout',
        key,
        '-out',
        crt,
      ]),
      { stdio: 'pipe' },
    );
    return { 'tls.crt': readFileSync(crt, 'utf8'), 'tls.key': readFileSync(key, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
