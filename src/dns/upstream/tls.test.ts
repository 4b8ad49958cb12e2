import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createCertificate } from '../../apiserver/index.ts';
import { rcodes } from '../../dnswire/index.ts';
import { addressRecord, queryOf } from '../../dnswire/testing/messages.ts';
import { ForwardingLab } from '../testing/forwarding-lab.ts';

const name = 'a.example.';
const span = { notBefore: Date.now() - 3_600_000, notAfter: Date.now() + 3_600_000 };
const authority = { commonName: 'authority' };
const ca = createCertificate({ ...span, subject: authority, usage: 'ca' });
const issuer = { ...ca, subject: authority };
const server = createCertificate({
  ...span,
  issuer,
  subject: { commonName: 'dns' },
  usage: 'server',
  dnsNames: ['dns.example'],
});
const client = createCertificate({
  ...span,
  issuer,
  subject: { commonName: 'cluster' },
  usage: 'client',
});
const files = new Map([
  ['/etc/coredns/ca.pem', ca.certificate],
  ['/etc/coredns/cert.pem', client.certificate],
  ['/etc/coredns/key.pem', client.key],
]);
const ours = 'tls /etc/coredns/cert.pem /etc/coredns/key.pem /etc/coredns/ca.pem';

const lab = new ForwardingLab();
afterEach(() => lab.close());

describe('DNS over TLS', () => {
  const rows: readonly (readonly [
    what: string,
    address: (port: number) => string,
    options: readonly string[],
    rcode: number,
  ])[] = [
    [
      'a server with the name that it must have',
      (port) => `tls://127.0.0.1:${port}`,
      ['tls /etc/coredns/ca.pem', 'tls_servername dns.example'],
      rcodes.NOERROR,
    ],
    [
      'the name beside the address',
      (port) => `tls://127.0.0.1%dns.example:${port}`,
      ['tls /etc/coredns/ca.pem'],
      rcodes.NOERROR,
    ],
    [
      'a server with another name',
      (port) => `tls://127.0.0.1:${port}`,
      ['tls /etc/coredns/ca.pem', 'tls_servername other.example'],
      rcodes.SERVFAIL,
    ],
    [
      'without a name the certificate must have the address',
      (port) => `tls://127.0.0.1:${port}`,
      ['tls /etc/coredns/ca.pem'],
      rcodes.SERVFAIL,
    ],
    [
      'a server that nobody known has signed',
      (port) => `tls://127.0.0.1:${port}`,
      ['tls_servername dns.example'],
      rcodes.SERVFAIL,
    ],
  ];
  for (const [what, address, options, rcode] of rows) {
    test(what, async () => {
      const tls = { cert: server.certificate, key: server.key };
      const script = () => ({ answers: [addressRecord(name, '192.0.2.1', 60)] });
      const upstream = await lab.upstream(script, tls);
      const to = address(upstream.port);
      const corefile = `. {\n forward . ${to} {\n ${options.join('\n ')}\n }\n}`;
      const { ask } = lab.engine({ corefile, files });
      assert.equal((await ask(queryOf(name))).rcode, rcode);
      assert.deepEqual(upstream.asked, rcode === rcodes.NOERROR ? [`tcp ${name}`] : []);
    });
  }

  test('the server may want to know who asks', async () => {
    const tls = { cert: server.certificate, key: server.key, clientCa: ca.certificate };
    const script = () => ({ answers: [addressRecord(name, '192.0.2.1', 60)] });
    const { port } = await lab.upstream(script, tls);
    const rcodeWith = async (option: string): Promise<number> => {
      const to = `tls://127.0.0.1%dns.example:${port}`;
      const { ask } = lab.engine({ corefile: `. {\n forward . ${to} {\n ${option}\n }\n}`, files });
      return (await ask(queryOf(name))).rcode;
    };
    assert.equal(await rcodeWith(ours), rcodes.NOERROR);
    assert.equal(await rcodeWith('tls /etc/coredns/ca.pem'), rcodes.SERVFAIL);
  });
});
