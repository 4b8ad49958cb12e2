import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordText } from '../dnswire/index.ts';
import { completeReply } from './complete.ts';
import { addressRecord, replyOf } from './reply.ts';
import { asking, replyText, verdictText } from './testing/ask.ts';
import { cluster } from './testing/sample.ts';

const autopath = `.:53 {
  kubernetes cluster.local {
    pods verified
  }
  autopath @kubernetes
  forward . 192.0.2.53
}`;
const pod = '10.244.0.9';

describe('autopath', () => {
  const ask = asking({ corefile: autopath, cluster });

  test('a name that is there answers without an alias', () => {
    const question = 'A web.default.svc.cluster.local.';
    assert.equal(verdictText(ask(question, pod), question), 'NOERROR A 10.96.0.80 (CLUSTER_IP)');
  });

  test('a name found further down the path answers under an alias', () => {
    const question = 'A db.shop.default.svc.cluster.local.';
    assert.equal(
      verdictText(ask(question, pod), question),
      'NOERROR CNAME db.shop.svc.cluster.local.; db.shop.svc.cluster.local. A 10.244.1.5; ' +
        'db.shop.svc.cluster.local. A 10.244.2.6 (HEADLESS_ENDPOINTS)',
    );
  });

  test('a name of the world is asked upstream, after the search domains of the machine', () => {
    const question = 'A example.com.default.svc.cluster.local.';
    const verdict = ask(question, pod);
    assert.equal(
      verdictText(verdict, question),
      'ask 192.0.2.53 example.com.corp.example. | ask 192.0.2.53 example.com. (FORWARDED)',
    );
    assert.ok(verdict.action === 'forward');
    assert.equal(verdict.otherwise?.rcode, 3);
    const [, last] = verdict.attempts;
    assert.ok(last?.kind === 'ask');
    const upstream = replyOf([addressRecord('example.com.', '192.0.2.80', 60)]);
    assert.deepEqual(completeReply(last, upstream).answers.map(recordText), [
      'example.com.default.svc.cluster.local. 60 IN CNAME example.com.',
      'example.com. 60 IN A 192.0.2.80',
    ]);
  });

  test('the search domains of the pod itself are on the path', () => {
    const pods = {
      'default/own': { ips: [pod], spec: { dnsConfig: { searches: ['own.example'] } } },
    };
    const asked = asking({ corefile: autopath, cluster: { ...cluster, pods } });
    const question = 'A x.default.svc.cluster.local.';
    assert.match(
      verdictText(asked(question, pod), question),
      /x\.own\.example\. \| ask 192\.0\.2\.53 x\. /,
    );
  });

  for (const [what, question, source] of [
    ['nobody in particular', 'A x.default.svc.cluster.local.', undefined],
    ['an address of no pod', 'A x.default.svc.cluster.local.', '172.18.0.2'],
    ['a pod of another namespace', 'A x.shop.svc.cluster.local.', pod],
    ['another type', 'SRV x.default.svc.cluster.local.', pod],
  ] as const) {
    test(`${what} gets the answer to the question`, () => {
      assert.equal(verdictText(ask(question, source), question), 'NXDOMAIN (NO_SUCH_SERVICE)');
    });
  }

  test('a pod that does not use the cluster search path is not completed', () => {
    const pods = { 'default/own': { ips: [pod], spec: { dnsPolicy: 'Default' as const } } };
    const asked = asking({ corefile: autopath, cluster: { ...cluster, pods } });
    const question = 'A x.default.svc.cluster.local.';
    assert.equal(verdictText(asked(question, pod), question), 'NXDOMAIN (NO_SUCH_SERVICE)');
  });

  test('the story names every name that was tried', () => {
    const { steps } = ask('A db.shop.default.svc.cluster.local.', pod);
    assert.deepEqual(
      steps.map(({ responder, name, reason }) => `${responder} ${name} ${reason}`),
      [
        'autopath db.shop.default.svc.cluster.local. SEARCH_PATH',
        'kubernetes db.shop.default.svc.cluster.local. NO_SUCH_SERVICE',
        'kubernetes db.shop.svc.cluster.local. HEADLESS_ENDPOINTS',
      ],
    );
  });
});

describe('rewrite', () => {
  const ask = asking({
    cluster,
    corefile: `. {
      rewrite name shop.example.com web.default.svc.cluster.local
      rewrite name suffix .old.example .default.svc.cluster.local
      rewrite name prefix legacy- new-
      rewrite name substring middle centre
      rewrite continue name regex (.*)\\.via\\.example {1}.next.example
      rewrite stop name suffix .next.example .default.svc.cluster.local
      kubernetes cluster.local
      forward . 192.0.2.53
    }`,
  });
  for (const [question, verdict] of [
    ['A shop.example.com.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
    ['A SHOP.example.com.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
    ['A web.old.example.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
    ['A web.via.example.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
    ['A legacy-a.example.com.', 'ask 192.0.2.53 new-a.example.com. (FORWARDED)'],
    ['A a.middle.example.', 'ask 192.0.2.53 a.centre.example. (FORWARDED)'],
    ['A other.example.com.', 'ask 192.0.2.53 other.example.com. (FORWARDED)'],
  ] as const) {
    test(question, () => assert.equal(verdictText(ask(question), question), verdict));
  }

  test('records from upstream carry the name of the client', () => {
    const verdict = ask('A legacy-a.example.com.');
    assert.ok(verdict.action === 'forward');
    const [attempt] = verdict.attempts;
    assert.ok(attempt?.kind === 'ask');
    const upstream = replyOf([addressRecord('NEW-a.example.com.', '192.0.2.80', 60)]);
    const reply = completeReply(attempt, upstream);
    assert.equal(replyText(reply, 'legacy-a.example.com.'), 'NOERROR A 192.0.2.80');
  });
});

describe('hosts', () => {
  const ask = asking({
    cluster,
    files: new Map([
      ['/etc/coredns/NodeHosts', '192.0.2.10 node-1 node-1.example # first\nnonsense\n'],
    ]),
    corefile: `. {
      hosts /etc/coredns/NodeHosts {
        192.0.2.20 db.example DB2.example
        2001:db8::20 db.example
        ttl 60
        fallthrough
      }
      forward . 192.0.2.53
    }
    closed.example {
      hosts {
        192.0.2.30 only.closed.example
      }
    }
    in-addr.arpa {
      hosts /etc/coredns/NodeHosts example {
        192.0.2.40 node-4.example
      }
      forward . 192.0.2.54
    }`,
  });
  for (const [question, verdict] of [
    ['A db.example.', 'NOERROR A 192.0.2.20 (HOSTS)'],
    ['AAAA db.example.', 'NOERROR AAAA 2001:db8::20 (HOSTS)'],
    ['A db2.example.', 'NOERROR A 192.0.2.20 (HOSTS)'],
    ['AAAA db2.example.', 'NOERROR (NO_SUCH_TYPE)'],
    ['A node-1.', 'NOERROR A 192.0.2.10 (HOSTS)'],
    ['PTR 40.2.0.192.in-addr.arpa.', 'NOERROR PTR node-4.example. (HOSTS)'],
    ['PTR 040.2.0.192.in-addr.arpa.', 'ask 192.0.2.54 040.2.0.192.in-addr.arpa. (FORWARDED)'],
    ['PTR 99.2.0.192.in-addr.arpa.', 'ask 192.0.2.54 99.2.0.192.in-addr.arpa. (FORWARDED)'],
    ['PTR else.closed.example.', 'REFUSED (NO_RESPONDER)'],
    ['A else.example.', 'ask 192.0.2.53 else.example. (FORWARDED)'],
    ['A only.closed.example.', 'NOERROR A 192.0.2.30 (HOSTS)'],
    ['A else.closed.example.', 'SERVFAIL (NO_SUCH_NAME)'],
  ] as const) {
    test(question, () => assert.equal(verdictText(ask(question), question), verdict));
  }
});

describe('the target of an alias', () => {
  const ask = asking({
    cluster: {
      services: { 'shop/outside': { type: 'ExternalName', externalName: 'db.stub.example' } },
    },
    corefile: `. {
      kubernetes cluster.local
      forward . 192.0.2.53
    }
    stub.example {
      forward . 192.0.2.54
    }`,
  });
  test('is asked of the block that holds it', () => {
    const question = 'A outside.shop.svc.cluster.local.';
    assert.match(verdictText(ask(question), question), /ask 192\.0\.2\.54 db\.stub\.example\./);
  });
});

describe('forward', () => {
  const ask = asking({
    cluster,
    corefile: `. {
      forward . 192.0.2.53 {
        except private.example
      }
      forward corp.example 192.0.2.54
    }
    stub.example:53 {
      forward . 192.0.2.55
    }`,
  });
  for (const [question, verdict] of [
    ['A example.com.', 'ask 192.0.2.53 example.com. (FORWARDED)'],
    ['A a.corp.example.', 'ask 192.0.2.54 a.corp.example. (FORWARDED)'],
    ['A a.stub.example.', 'ask 192.0.2.55 a.stub.example. (FORWARDED)'],
    ['A a.private.example.', 'REFUSED (NO_RESPONDER)'],
  ] as const) {
    test(question, () => assert.equal(verdictText(ask(question), question), verdict));
  }
});
