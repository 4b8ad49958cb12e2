import type { BackendWish } from './backends.ts';
import { coversHost, readCertificate } from './certificates.ts';
import type { Certificate, Finding } from './contract.ts';
import type { ParsedIngress } from './parse-ingress.ts';
import type { RouteWorld } from './world.ts';

/** The certificate of a host: the first good one of its Ingresses, oldest first. Bad ones are told. */
export function certificateOf(
  host: string,
  ingresses: readonly ParsedIngress[],
  world: RouteWorld,
): { certificate?: Certificate; findings: Finding[] } {
  const findings: Finding[] = [];
  let certificate: Certificate | undefined;
  for (const { key, ingress } of ingresses) {
    for (const [position, { hosts = [], secretName }] of (ingress.spec.tls ?? []).entries()) {
      const isForHost = hosts.length === 0 || hosts.some((name) => name.toLowerCase() === host);
      if (!isForHost || !secretName) continue;
      const secret = `${ingress.metadata.namespace}/${secretName}`;
      const found = readSecret(secret, host, world);
      certificate ??= found.certificate;
      if (found.problem === undefined) continue;
      const field = `spec.tls[${position}].secretName`;
      findings.push({ ingress: key, field, ...found.problem });
    }
  }
  return { certificate, findings };
}

interface SecretFinding {
  readonly certificate?: Certificate;
  readonly problem?: Pick<Finding, 'code' | 'message'>;
}

const fallback = 'the self-signed certificate answers instead';

function readSecret(key: string, host: string, { secrets }: RouteWorld): SecretFinding {
  const secret = secrets.get(key);
  if (secret === undefined) {
    const message = `there is no Secret "${key}": ${fallback}`;
    return { problem: { code: 'SECRET_NOT_FOUND', message } };
  }
  const reading = readCertificate(key, secret);
  if ('problem' in reading) {
    const message = `Secret "${key}" is no certificate: ${reading.problem}; ${fallback}`;
    return { problem: { code: 'SECRET_INVALID', message } };
  }
  const { certificate, leaf } = reading;
  if (coversHost(leaf, host)) return { certificate };
  const names = leaf.subjectAltName ?? 'no name at all';
  const message = `the certificate in Secret "${key}" is for ${names}, not for "${host}"; clients will refuse it`;
  return { certificate, problem: { code: 'CERTIFICATE_FOR_OTHER_HOST', message } };
}

/** Where TLS of a host goes unopened: the backend of its first path. */
export function passthroughOf(
  host: string,
  ingresses: readonly ParsedIngress[],
): BackendWish | undefined {
  const parsed = ingresses.find(({ wishes }) => wishes.passthrough === true);
  return parsed?.paths.find((path) => path.host === host)?.backend;
}
