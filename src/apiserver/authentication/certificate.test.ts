import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createPki } from './pki.ts';

const now = Date.now();
const pki = createPki({ now, addresses: ['172.18.0.1', 'fd00:18::1'] });
const ca = new X509Certificate(pki.ca.certificate);
const serving = new X509Certificate(pki.serving.certificate);
const admin = new X509Certificate(pki.admin.certificate);

describe('the certificates of a cluster', () => {
  it('are signed by the CA, which signs itself', () => {
    for (const certificate of [ca, serving, admin]) {
      assert.equal(certificate.verify(ca.publicKey), true);
      assert.equal(certificate.checkIssued(ca), true);
    }
    assert.deepEqual([ca.ca, serving.ca, admin.ca], [true, false, false]);
  });

  it('belong to their keys', () => {
    for (const pair of [pki.ca, pki.serving, pki.admin]) {
      const certificate = new X509Certificate(pair.certificate);
      assert.equal(certificate.checkPrivateKey(createPrivateKey(pair.key)), true);
    }
  });

  it('name where the server answers', () => {
    for (const name of ['localhost', 'kubernetes.default.svc.cluster.local']) {
      assert.equal(serving.checkHost(name), name);
    }
    for (const address of ['127.0.0.1', '::1', '10.96.0.1', '172.18.0.1', 'fd00:18::1']) {
      assert.equal(serving.checkIP(address), address);
    }
    assert.equal(serving.checkHost('example.com'), undefined);
  });

  it('make the administrator a master', () => {
    assert.deepEqual(admin.subject.split('\n'), ['O=system:masters', 'CN=kubernetes-admin']);
  });

  it('hold now and for years', () => {
    assert.ok(serving.validFromDate.getTime() < now);
    assert.ok(serving.validToDate.getTime() > now + 365 * 24 * 60 * 60 * 1000);
  });

  it('write times from 2050 on in the long form', () => {
    const late = createPki({ now: Date.UTC(2049, 11, 31) });
    assert.equal(new X509Certificate(late.ca.certificate).validToDate.getUTCFullYear(), 2059);
  });
});

const openssl = spawnSync('openssl', ['version']).error === undefined;

describe('openssl', { skip: openssl ? false : 'no openssl on this machine' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-pki-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  for (const [name, purpose] of [
    ['serving', 'sslserver'],
    ['admin', 'sslclient'],
  ] as const) {
    it(`verifies the ${name} certificate strictly`, () => {
      const caFile = file('ca.pem', pki.ca.certificate);
      const leaf = file(`${name}.pem`, pki[name].certificate);
      const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', caFile, leaf];
      const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
      assert.equal(status, 0, `${stdout}${stderr}`);
    });
  }
});
