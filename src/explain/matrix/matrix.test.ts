import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseManifests } from '../../manifests/index.ts';
import { overlayObjects } from '../../snapshot/index.ts';
import type { Known } from '../known.ts';
import { explaining, podText, policyText } from '../testing/explaining.ts';
import type { Matrix } from './contract.ts';
import { diffMatrices, diffText, readMatrix } from './diff.ts';
import { matrixFormats } from './formats.ts';
import { matrixOf } from './matrix.ts';
import { parsePorts, portText } from './ports.ts';

function known(manifest: string): Known {
  return {
    objects: parseManifests(manifest, 'shop.yaml').objects.map(({ object }) => object),
    namespace: 'default',
  };
}

/** `a>b 80/TCP` for all that is admitted. */
function admitted({ cells }: Matrix): string[] {
  return cells.filter(({ admits }) => admits).map(({ from, to, port }) => `${from}>${to} ${port}`);
}

const pods = podText('api') + podText('web');
const onlyWeb = policyText('api', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8080 }] }],
});

test('every pair, at the ports that the destination declares', () => {
  const matrix = matrixOf(known(pods + onlyWeb), {});
  assert.deepEqual(admitted(matrix), [
    'default/web>default/api 8080/TCP',
    'default/api>default/web 8080/TCP',
    'outside>default/web 8080/TCP',
    'default/api>outside 8080/TCP',
    'default/web>outside 8080/TCP',
  ]);
});

test('the ports that are asked for, of everybody', () => {
  const { cells } = matrixOf(known(pods + onlyWeb), { ports: parsePorts('9,8080,53/UDP,icmp') });
  const ofApi = cells.filter(({ from, to }) => from === 'default/web' && to === 'default/api');
  assert.deepEqual(
    ofApi.map(({ port, admits }) => [port, admits]),
    [
      ['9/TCP', false],
      ['8080/TCP', true],
      ['53/UDP', false],
      ['ICMP', false],
    ],
  );
});

test('pods of one workload are one subject until a policy tells them apart', () => {
  const replicas = ['web-1', 'web-2'].map((name) =>
    podText(name, { labels: { app: 'web', 'pod-template-hash': 'x', slot: name } }).replace(
      '"labels":',
      '"ownerReferences":[{"kind":"ReplicaSet","name":"web-x","uid":"r"}],"labels":',
    ),
  );
  const names = (manifest: string): string[] =>
    matrixOf(known(manifest), {}).subjects.map(({ name }) => name);
  assert.deepEqual(names(replicas.join('')), ['default/web', 'outside']);
  const apart = policyText('one', { podSelector: { matchLabels: { slot: 'web-1' } } });
  assert.deepEqual(names(replicas.join('') + apart), ['default/web-1', 'default/web-2', 'outside']);
});

test('one namespace, or all but kube-system', () => {
  const manifest = podText('a', { namespace: 'one' }) + podText('b', { namespace: 'two' });
  const names = (namespaces?: string[]): string[] =>
    matrixOf(known(manifest), namespaces === undefined ? {} : { namespaces }).subjects.map(
      ({ name }) => name,
    );
  assert.deepEqual(names(), ['one/a', 'two/b', 'outside']);
  assert.deepEqual(names(['two']), ['two/b', 'outside']);
});

test('agrees with what explain tells of policies', () => {
  const manifest =
    pods +
    onlyWeb +
    policyText('web', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 8080 }] }],
    });
  const tell = explaining(manifest);
  const place = (name: string): string => (name === 'outside' ? name : `pod/${name}`);
  for (const { from, to, port, admits } of matrixOf(known(manifest), {
    ports: parsePorts('80,8080'),
  }).cells) {
    const [number = ''] = port.split('/');
    assert.equal(
      tell(place(from), `${place(to)}:${number}`).admits,
      admits,
      `${from} ${to} ${port}`,
    );
  }
});

describe('what changes', () => {
  const before = known(pods);
  const policy = known(onlyWeb).objects;
  const after = { ...before, objects: overlayObjects(before.objects, policy) };

  test('when a manifest is applied', () => {
    const changes = diffMatrices(matrixOf(before, {}), matrixOf(after, {}));
    assert.equal(
      diffText(changes),
      '- outside -> default/api 8080/TCP: admits before, does not admit after',
    );
  });

  test('when pods come and go', () => {
    const more = known(pods + podText('new'));
    const [come, gone] = [
      diffMatrices(matrixOf(before, {}), matrixOf(more, {})),
      diffMatrices(matrixOf(more, {}), matrixOf(before, {})),
    ];
    assert.ok(come.every(({ before, after }) => before === undefined && after === true));
    assert.ok(gone.every(({ before, after }) => before === true && after === undefined));
    assert.match(diffText(gone), /is not there after/);
  });

  test('when nothing does', () => {
    assert.equal(
      diffText(diffMatrices(matrixOf(after, {}), matrixOf(after, {}))),
      'nothing changes',
    );
  });
});

test('a saved matrix is read again, and nothing else', () => {
  const matrix = matrixOf(known(pods), {});
  assert.deepEqual(readMatrix(JSON.stringify(matrix), 'm.json'), matrix);
  for (const text of ['', '{}', 'null', '{"schemaVersion":"portolan.matrix/v0"}']) {
    assert.throws(() => readMatrix(text, 'm.json'), { code: 'NOT_A_MATRIX', message: /m\.json/ });
  }
});

test('ports', () => {
  const texts = (list: string): string[] => parsePorts(list).map(portText);
  assert.deepEqual(texts('80, 443/TCP,53/udp,ICMP,9/sctp'), [
    '80/TCP',
    '443/TCP',
    '53/UDP',
    'ICMP',
    '9/SCTP',
  ]);
  for (const bad of ['', 'http', '0', '65536', '80/QUIC', '8/ICMP', '80,', 'TCP']) {
    assert.throws(() => parsePorts(bad), { code: 'PORTS_NOT_UNDERSTOOD' }, bad);
  }
});

describe('forms', () => {
  const matrix = matrixOf(known(pods + onlyWeb), {});
  const cases: [string, string][] = [
    [
      'table',
      `FROM \\ TO     default/api   default/web   outside
default/api                 yes           yes
default/web   yes                         yes
outside       no            yes

ports: 8080/TCP`,
    ],
    [
      'csv',
      `from,to,port,admits
default/web,default/api,8080/TCP,true
outside,default/api,8080/TCP,false
default/api,default/web,8080/TCP,true
outside,default/web,8080/TCP,true
default/api,outside,8080/TCP,true
default/web,outside,8080/TCP,true`,
    ],
    [
      'dot',
      `digraph admitted {
  rankdir=LR;
  "default/api";
  "default/web";
  "outside";
  "default/web" -> "default/api" [label="8080/TCP"];
  "default/api" -> "default/web" [label="8080/TCP"];
  "outside" -> "default/web" [label="8080/TCP"];
  "default/api" -> "outside" [label="8080/TCP"];
  "default/web" -> "outside" [label="8080/TCP"];
}`,
    ],
    [
      'mermaid',
      `flowchart LR
  n0["default/api"]
  n1["default/web"]
  n2["outside"]
  n1 -->|"8080/TCP"| n0
  n0 -->|"8080/TCP"| n1
  n2 -->|"8080/TCP"| n1
  n0 -->|"8080/TCP"| n2
  n1 -->|"8080/TCP"| n2`,
    ],
  ];
  for (const [format, expected] of cases) {
    test(format, () => assert.equal(matrixFormats[format]?.(matrix), expected));
  }

  test('a table names the ports where some of them are admitted', () => {
    const some = matrixOf(known(pods + onlyWeb), { ports: parsePorts('80,8080') });
    assert.match(matrixFormats['table']?.(some) ?? '', /^default\/web +8080\/TCP/m);
  });
});
