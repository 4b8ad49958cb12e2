// logs, exec, cp, port-forward and attach with the current kubectl, which speaks WebSocket.
import { after, before, describe } from 'node:test';
import { TestCluster } from './harness.ts';
import { prepareStreaming, testStreaming } from './streaming-suite.ts';

const cluster = new TestCluster();

before(async () => {
  await cluster.start();
  await prepareStreaming(cluster);
});
after(() => cluster.close());

describe('streams of the current kubectl', () => testStreaming(cluster, cluster.kubectl));
