import { parseAddress, type Address } from '../ip/index.ts';
import type { BalancerSettings, DrainSettings, HealthSettings } from './settings.ts';

/** The documented cloud whose annotations are understood. */
export const ANNOTATION_PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';

export interface AnnotationReading {
  readonly settings: BalancerSettings;
  /** What was ignored, and why; one sentence each. */
  readonly complaints: readonly string[];
}

/** What one annotation changes. */
interface Change {
  readonly health?: Partial<HealthSettings>;
  readonly draining?: Partial<DrainSettings>;
  readonly top?: Partial<Omit<BalancerSettings, 'health' | 'draining'>>;
}

/** Reads a value, or says what it should have been. */
type Reader = (value: string) => Change | string;

const MAX_SECONDS = 3600;
const MAX_THRESHOLD = 10;

function integer(
  { from, to }: { readonly from: number; readonly to: number },
  change: (value: number) => Change,
): Reader {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    return value >= from && value <= to ? change(value) : `a whole number from ${from} to ${to}`;
  };
}

function seconds(from: number, change: (ms: number) => Change): Reader {
  return integer({ from, to: MAX_SECONDS }, (value) => change(value * 1000));
}

function choice(answers: Readonly<Record<string, Change>>): Reader {
  const known = new Map(Object.entries(answers));
  return (text) => known.get(text.toLowerCase()) ?? `one of ${[...known.keys()].join(', ')}`;
}

function flag(change: (value: boolean) => Change): Reader {
  return choice({ true: change(true), false: change(false) });
}

const healthPort: Reader = (text) =>
  text === 'traffic-port'
    ? {}
    : integer({ from: 1, to: 65_535 }, (port) => ({ health: { port } }))(text);

const healthPath: Reader = (path) =>
  path.startsWith('/') ? { health: { path } } : 'a path that begins with "/"';

const addresses: Reader = (text) => {
  const read = text.split(',').map((part) => parseAddress(part.trim()));
  const found = read.filter((address) => address !== undefined);
  return found.length < read.length
    ? 'IP addresses, divided by commas'
    : { top: { addresses: found } };
};

/** By the part of the name that follows the prefix. */
const readers: ReadonlyMap<string, Reader> = new Map(
  Object.entries({
    'connection-draining-enabled': flag((enabled) => ({ draining: { enabled } })),
    'connection-draining-timeout': seconds(1, (timeoutMs) => ({ draining: { timeoutMs } })),
    'connection-idle-timeout': seconds(1, (idleTimeoutMs) => ({ top: { idleTimeoutMs } })),
    'healthcheck-interval': seconds(1, (intervalMs) => ({ health: { intervalMs } })),
    'healthcheck-timeout': seconds(1, (timeoutMs) => ({ health: { timeoutMs } })),
    'healthcheck-healthy-threshold': integer(
      { from: 1, to: MAX_THRESHOLD },
      (healthyThreshold) => ({
        health: { healthyThreshold },
      }),
    ),
    'healthcheck-unhealthy-threshold': integer(
      { from: 1, to: MAX_THRESHOLD },
      (unhealthyThreshold) => ({ health: { unhealthyThreshold } }),
    ),
    'healthcheck-port': healthPort,
    'healthcheck-path': healthPath,
    'healthcheck-protocol': choice({
      tcp: { health: { protocol: 'TCP' } },
      http: { health: { protocol: 'HTTP' } },
      https: { health: { protocol: 'HTTPS' } },
    }),
    internal: flag((isInternal) => ({ top: { isInternal } })),
    'proxy-protocol': choice({ '*': { top: { proxyProtocol: true } } }),
    // Static addresses: that cloud names them by allocation when public, by the address itself when private or IPv6.
    'eip-allocations': addresses,
    'private-ipv4-addresses': addresses,
    'ipv6-addresses': addresses,
  }),
);

/** Reads a Service's annotations of the prefix over the defaults; what cannot be read is told and ignored. */
export function readAnnotations(
  annotations: Readonly<Record<string, string>>,
  defaults: BalancerSettings,
): AnnotationReading {
  const complaints: string[] = [];
  const changes: Change[] = [];
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(ANNOTATION_PREFIX)) continue;
    const reader = readers.get(name.slice(ANNOTATION_PREFIX.length));
    const change = reader?.(value.trim());
    if (change === undefined) complaints.push(`Ignored annotation ${name}: it means nothing here`);
    else if (typeof change === 'string') {
      complaints.push(`Ignored annotation ${name}: ${JSON.stringify(value)} is not ${change}`);
    } else changes.push(change);
  }
  return { settings: changes.reduce(applyChange, defaults), complaints };
}

function applyChange(settings: BalancerSettings, { health, draining, top }: Change) {
  return {
    ...settings,
    ...top,
    addresses: onePerFamily([...(top?.addresses ?? []), ...settings.addresses]),
    health: { ...settings.health, ...health },
    draining: { ...settings.draining, ...draining },
  };
}

function onePerFamily(addresses: readonly Address[]): Address[] {
  return ([4, 6] as const)
    .map((family) => addresses.find((address) => address.family === family))
    .filter((address) => address !== undefined);
}
