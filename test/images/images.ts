import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackPackages } from './debian-root.ts';
import { writeOciArchive } from './oci-writer.ts';

const cache = join(import.meta.dirname, '../../.cache/images');

/**
 * The path of an OCI archive of nginx as Debian ships it: serves its own welcome page on port 80. Made from packages
 * once, then kept. @throws Fault `DEBIAN_UNREACHABLE`
 */
export function buildNginxImage(): string {
  return cached('nginx.tar', (root, path) => {
    unpackPackages(['nginx', 'nginx-common'], root);
    writeUsers(root);
    configureNginx(root);
    const config = {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: ['nginx', '-g', 'daemon off;'],
      ExposedPorts: { '80/tcp': {} },
      StopSignal: 'SIGQUIT',
    };
    writeOciArchive({ name: 'nginx:latest', root, config }, path);
  });
}

/** The path of an OCI archive of Debian's busybox. @throws Fault `DEBIAN_UNREACHABLE` */
export function buildBusyboxImage(): string {
  return cached('busybox.tar', (root, path) => {
    unpackPackages(['busybox-static'], root);
    writeUsers(root);
    const binary = ['bin/busybox', 'usr/bin/busybox']
      .map((name) => join(root, name))
      .find(existsSync);
    if (binary === undefined) throw new Error('busybox-static has no busybox');
    const applets = execFileSync(binary, ['--list'], { encoding: 'utf8' }).split('\n');
    for (const applet of applets.filter((name) => name !== '' && name !== 'busybox')) {
      const link = join(binary, '..', applet);
      if (!existsSync(link)) symlinkSync('busybox', link);
    }
    const config = { Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['sh'] };
    writeOciArchive({ name: 'busybox:latest', root, config }, path);
  });
}

function cached(name: string, build: (root: string, path: string) => void): string {
  const path = join(cache, name);
  if (existsSync(path)) return path;
  const root = mkdtempSync(join(tmpdir(), 'portolan-image-'));
  try {
    build(root, path);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return path;
}

/** base-passwd makes these files in a script; only the users that the programs want are needed. */
function writeUsers(root: string): void {
  mkdirSync(join(root, 'etc'), { recursive: true });
  const users = 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\n';
  writeFileSync(join(root, 'etc/passwd'), users);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntty:x:5:\nwww-data:x:33:\n');
  mkdirSync(join(root, 'tmp'), { recursive: true, mode: 0o1777 });
}

/** Debian's own configuration, with its page where that says and its logs on the container's streams. */
function configureNginx(root: string): void {
  const pages = join(root, 'var/www/html');
  mkdirSync(pages, { recursive: true });
  symlinkSync('/usr/share/nginx/html/index.html', join(pages, 'index.html'));
  const enabled = join(root, 'etc/nginx/sites-enabled');
  mkdirSync(enabled, { recursive: true });
  symlinkSync('/etc/nginx/sites-available/default', join(enabled, 'default'));
  const logs = join(root, 'var/log/nginx');
  mkdirSync(logs, { recursive: true });
  symlinkSync('/dev/stdout', join(logs, 'access.log'));
  symlinkSync('/dev/stderr', join(logs, 'error.log'));
  for (const path of ['run', 'var/lib/nginx']) mkdirSync(join(root, path), { recursive: true });
}
