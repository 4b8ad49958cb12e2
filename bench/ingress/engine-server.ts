// An ingress engine with the benchmark's routes, in a process of its own: `engine-server NAME NETNS HTTP HTTPS COUNT`.
import { readFileSync } from 'node:fs';
import { createEngine } from '../../src/ingress/create-engine.ts';
import { BenchTables, hostsOf } from './routes.ts';

const [name = '', netns = '', http = '', https = '', count = '', folder = ''] =
  process.argv.slice(2);
const pem = {
  'tls.crt': readFileSync(`${folder}/crt.pem`, 'utf8'),
  'tls.key': readFileSync(`${folder}/key.pem`, 'utf8'),
};
const engine = await createEngine(name === 'haproxy' ? 'haproxy' : 'node', {
  place: { netns, httpPort: Number(http), httpsPort: Number(https) },
  onAccess: () => {},
  log: (text) => console.error(text),
  directory: folder,
});
const routes = Object.fromEntries(hostsOf(Number(count)).map((host) => [host, 'web']));
await engine.apply(new BenchTables(pem).compile(routes, { web: ['127.0.0.1'] }));
process.once('SIGTERM', () => void engine.close(0).then(() => process.exit(0)));
