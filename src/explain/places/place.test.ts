import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireAddress } from '../../ip/index.ts';
import { explaining, podText, serviceText } from '../testing/explaining.ts';
import { parsePlace, parseTarget } from './place.ts';

const object = (kind: string, name: string, namespace?: string) => ({
  is: 'object',
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

test('places', () => {
  const cases: [string, unknown][] = [
    ['outside', { is: 'outside' }],
    ['pod/web', object('Pod', 'web')],
    ['pod/shop/web', object('Pod', 'web', 'shop')],
    ['po/web', object('Pod', 'web')],
    ['deploy/web', object('Deployment', 'web')],
    ['sts/db', object('StatefulSet', 'db')],
    ['ds/agent', object('DaemonSet', 'agent')],
    ['svc/shop/web', object('Service', 'web', 'shop')],
    ['node/node1', object('Node', 'node1')],
    ['web.shop', { is: 'name', name: 'web.shop' }],
    ['Web.Shop.SVC.cluster.local.', { is: 'name', name: 'web.shop.svc.cluster.local.' }],
    ['10.0.0.1', { is: 'address', address: requireAddress('10.0.0.1') }],
    ['[fd00::1]', { is: 'address', address: requireAddress('fd00::1') }],
    ['fd00::1', { is: 'address', address: requireAddress('fd00::1') }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parsePlace(text), expected, text);
});

test('targets', () => {
  const web = object('Service', 'web');
  const open = { protocol: 'TCP', isProtocolOpen: true };
  const cases: [string, unknown][] = [
    ['svc/web', { place: web, ...open }],
    ['svc/web:80', { place: web, port: 80, ...open }],
    ['svc/web:http', { place: web, port: 'http', ...open }],
    ['svc/web:53/udp', { place: web, port: 53, protocol: 'UDP' }],
    ['svc/web/UDP', { place: web, protocol: 'UDP' }],
    ['svc/shop/web:80', { place: object('Service', 'web', 'shop'), port: 80, ...open }],
    ['web.shop:80/SCTP', { place: { is: 'name', name: 'web.shop' }, port: 80, protocol: 'SCTP' }],
    [
      '[fd00::1]:443',
      { place: { is: 'address', address: requireAddress('fd00::1') }, port: 443, ...open },
    ],
    ['pod/web/ICMP', { place: object('Pod', 'web'), protocol: 'ICMP' }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseTarget(text), expected, text);
});

test('what is no place says what is one', () => {
  const bad = ['', 'web/', 'cat/web', 'pod/a/b/c', 'pod/A b', 'node/a/b', 'under_score!', '-web'];
  for (const text of bad) {
    assert.throws(() => parsePlace(text), { code: 'PLACE_NOT_UNDERSTOOD' }, text);
  }
  for (const text of ['svc/web:0', 'svc/web:65536', 'svc/web:80/QUIC', 'pod/web:8/ICMP']) {
    assert.throws(() => parseTarget(text), { code: 'PLACE_NOT_UNDERSTOOD' }, text);
  }
});

test('what is not there says what is', () => {
  const tell = explaining(
    podText('web') + podText('client') + serviceText('web') + podText('db', { namespace: 'shop' }),
  );
  const cases: [string, string, object][] = [
    ['pod/wbe', 'svc/web', { code: 'NO_SUCH_OBJECT', advice: 'Did you mean web?' }],
    ['pod/db', 'svc/web', { advice: 'There is one in namespace shop: add -n shop.' }],
    ['pod/web', 'node/node7:80', { code: 'NO_SUCH_OBJECT' }],
    [
      'pod/shp/api',
      'svc/web',
      {
        message: 'there is no Pod api in namespace shp, and no such namespace',
        advice: 'Did you mean shop?',
      },
    ],
    ['pod/nowhere/api', 'svc/web', { advice: /^Namespaces are: .*default/ }],
    ['nobody.default', 'svc/web', { code: 'NO_SUCH_NAME' }],
    ['client', 'svc/web', { code: 'NO_SUCH_NAME', advice: 'Did you mean pod/client?' }],
    ['pod/client', 'outside', { code: 'PORT_NEEDED' }],
    ['pod/client', '10.9.9.9', { code: 'PORT_NEEDED' }],
  ];
  for (const [from, to, error] of cases)
    assert.throws(() => tell(from, to), error, `${from} ${to}`);
});

test('a port that is the only one need not be said', () => {
  const ports = [
    { name: 'a', port: 80, targetPort: 'http' },
    { name: 'b', port: 81, targetPort: 'http' },
    { name: 'c', port: 82, protocol: 'UDP' },
  ];
  const tell = explaining(podText('web') + podText('client') + serviceText('web', { ports }));
  assert.equal(tell('pod/client', 'pod/web').paths[0]?.destination?.port, 8080);
  assert.equal(tell('pod/client', 'pod/web:http').paths[0]?.destination?.port, 8080);
  assert.equal(tell('pod/client', 'svc/web/UDP').paths[0]?.destination?.port, 82);
  assert.equal(tell('pod/client', 'svc/web:b').admits, true);
  assert.throws(() => tell('pod/client', 'svc/web'), {
    code: 'PORT_NEEDED',
    advice: 'Add :PORT, one of: 80/TCP (a), 81/TCP (b), 82/UDP (c).',
  });
});

test('of many names, a line of them and how many more there are', () => {
  const many = Array.from({ length: 10 }, (_, at) => serviceText(`backend-${at}`));
  assert.throws(
    () => explaining(podText('client') + many.join(''))('pod/client', 'svc/x'),
    (error: { advice?: string }) => error.advice?.endsWith(' backend-7 and 2 more.') === true,
  );
});
