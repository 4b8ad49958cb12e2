import { isIP } from 'node:net';
import { parseCidr } from '../../../ip/index.ts';

type Format = (value: string) => boolean;

const matching =
  (pattern: RegExp): Format =>
  (value) =>
    pattern.test(value);

function isUri(value: string): boolean {
  return URL.canParse(value);
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

/** The formats that Kubernetes checks; others are documentation only. */
const formats: Readonly<Record<string, Format>> = {
  'date-time': (value) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
  ipv4: (value) => isIP(value) === 4,
  ipv6: (value) => isIP(value) === 6,
  cidr: (value) => parseCidr(value) !== undefined,
  uri: isUri,
  byte: isBase64,
  email: matching(/^[^\s@]+@[^\s@]+$/),
  hostname: matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i),
  uuid: matching(/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i),
  mac: matching(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i),
  duration: matching(/^([+-]?\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/),
};

/** Whether a text has a format; true for formats that are not checked. */
export function hasFormat(value: string, format: string): boolean {
  return formats[format]?.(value) ?? true;
}
