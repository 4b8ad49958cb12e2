import { describe } from 'node:test';
import { dying, local, service, slice, testRows, unready } from './testing/judging.ts';

describe('the endpoints of a port', () => {
  testRows([
    {
      row: '28: a named port means what each slice says, and one number serves TCP and UDP',
      service: service({
        ports: [
          { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, targetPort: 'dns' },
        ],
      }),
      slices: [
        slice([local('10.1.0.1')], {
          ports: [
            { name: 'dns', protocol: 'UDP', port: 5353 },
            { name: 'dns-tcp', protocol: 'TCP', port: 5353 },
          ],
        }),
        slice([local('10.1.0.2')], {
          metadata: { name: 'web-2' },
          ports: [
            { name: 'dns', protocol: 'UDP', port: 53 },
            { name: 'dns-tcp', protocol: 'TCP', port: 53 },
          ],
        }),
      ],
      captures: [
        'ClusterIP 10.96.0.1 UDP 53: forward 10.1.0.1:5353 10.1.0.2:53 READY_ENDPOINTS off-cluster',
        'ClusterIP 10.96.0.1 TCP 53: forward 10.1.0.1:5353 10.1.0.2:53 READY_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '28: a port of another name or protocol in the slices is not this one',
      service: service({ ports: [{ name: 'web', port: 80 }] }),
      slices: [slice([local('10.1.0.1')], { ports: [{ name: 'web', protocol: 'UDP', port: 80 }] })],
      captures: ['ClusterIP 10.96.0.1 TCP 80: reject NO_ENDPOINTS'],
    },
    {
      row: '33: families stand alone: one may have endpoints when the other has none; FQDN slices are ignored',
      service: service({
        clusterIPs: ['10.96.0.1', 'fd00:10:96::1'],
        ipFamilies: ['IPv4', 'IPv6'],
      }),
      slices: [
        slice([local('fd00:10:244::1')], { addressType: 'IPv6' }),
        slice([local('web.example')], { addressType: 'FQDN' }),
      ],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: reject NO_ENDPOINTS',
        'ClusterIP fd00:10:96::1 TCP 80: forward [fd00:10:244::1]:8080 READY_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '33: addresses are told by their family, however they are written',
      service: service({
        clusterIP: 'FD00:10:96:0:0::1',
        type: 'NodePort',
        ports: [{ port: 80, nodePort: 30080 }],
      }),
      slices: [slice([local('fd00:10:244:0::1')], { addressType: 'IPv6' })],
      captures: [
        'ClusterIP fd00:10:96::1 TCP 80: forward [fd00:10:244::1]:8080 READY_ENDPOINTS off-cluster',
        'NodePort fd00::2 TCP 30080: forward [fd00:10:244::1]:8080 READY_ENDPOINTS always',
      ],
    },
    {
      row: '34: an endpoint in two slices counts once, and its more usable state counts',
      service: service(),
      slices: [
        slice([local('10.1.0.1', unready)]),
        slice([local('10.1.0.1')]),
        slice([local('10.1.0.1', dying)]),
      ],
      captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster'],
    },
    {
      row: '34: conditions that a slice leaves out mean ready',
      service: service(),
      slices: [slice([{ addresses: ['10.1.0.1'] }])],
      captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster'],
    },
  ]);
});
