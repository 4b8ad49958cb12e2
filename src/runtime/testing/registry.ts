import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A registry on the loopback with one small image, which asks for a token as Docker Hub does. */
export interface TestRegistry {
  /** `127.0.0.1:PORT/team/app:TAG` */
  reference(tag: string): string;
  /** Paths that were asked for. */
  readonly requests: string[];
  /** Changes the image behind every tag. */
  publish(layer: Buffer): void;
  /** Sends content that does not have its digest. */
  damage(): void;
  close(): Promise<void>;
}

const media = 'application/vnd.oci.image';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** @param layer a tar archive, not compressed */
export async function startRegistry(layer: Buffer): Promise<TestRegistry> {
  const state = { blobs: new Map<string, Buffer>(), index: '', isDamaged: false };
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(state, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publish = (content: Buffer): void => {
    state.index = addImage(state.blobs, content);
  };
  publish(layer);
  return {
    requests,
    publish,
    reference: (tag) => `${host}/team/app:${tag}`,
    damage: () => {
      state.isDamaged = true;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface State {
  readonly blobs: Map<string, Buffer>;
  readonly index: string;
  readonly isDamaged: boolean;
}

function addImage(blobs: Map<string, Buffer>, layer: Buffer): string {
  const add = (content: Buffer): { digest: string; size: number } => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { digest, size: content.length };
  };
  const addJson = (value: object): { digest: string; size: number } =>
    add(Buffer.from(JSON.stringify(value)));
  const architecture = architectures[process.arch] ?? process.arch;
  const config = addJson({
    os: 'linux',
    architecture,
    config: { Cmd: ['serve'], ExposedPorts: { '8080/tcp': {} } },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
  const manifest = addJson({
    schemaVersion: 2,
    config: { ...config, mediaType: `${media}.config.v1+json` },
    layers: [{ ...add(gzipSync(layer)), mediaType: `${media}.layer.v1.tar+gzip` }],
  });
  const foreign = {
    ...manifest,
    digest: digestOf(Buffer.from('other')),
    platform: { os: 'plan9', architecture },
  };
  const own = { ...manifest, platform: { os: 'linux', architecture } };
  return addJson({ schemaVersion: 2, manifests: [foreign, own] }).digest;
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  if (url.pathname === '/token') {
    response.end(JSON.stringify({ token: `for ${url.searchParams.get('scope')}` }));
    return;
  }
  if (request.headers.authorization !== 'Bearer for repository:team/app:pull') {
    const realm = `http://${request.headers.host}/token`;
    const challenge = `Bearer realm="${realm}",service="test",scope="repository:team/app:pull"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return;
  }
  const [, kind, name = ''] = /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
  const isTag = kind === 'manifests' && !name.startsWith('sha256:');
  const content = state.blobs.get(isTag && name !== 'missing' ? state.index : name);
  if (content === undefined) response.writeHead(404).end();
  else response.end(state.isDamaged && kind === 'blobs' ? Buffer.from('damaged') : content);
}

const digestOf = (content: Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;
