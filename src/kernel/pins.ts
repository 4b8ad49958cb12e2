import { closeSync, openSync, rmSync } from 'node:fs';
import { Fault, messageOf } from '../fault/index.ts';
import { mount, MS_BIND, unmount } from './mounts.ts';
import { ownNamespace, type NamespaceType } from './thread-namespaces.ts';

/** Keeps the calling thread's namespace of that type alive by a bind mount at `path`, which must not exist. */
export function pin(type: NamespaceType, path: string): void {
  makeMountPoint(path);
  try {
    mount({ source: ownNamespace(type), target: path, flags: MS_BIND });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function makeMountPoint(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o444));
  } catch (cause) {
    const message = `cannot make ${path} to pin a namespace at: ${messageOf(cause)}`;
    throw new Fault({ code: 'PIN_FAILED', message, cause });
  }
}

/** Takes a pin away: the namespace ends with its last process, socket or descriptor. No error when it is gone. */
export function unpin(path: string): void {
  // A pin mounted twice (a restarted daemon racing its own death) must come off altogether.
  while (unmount(path));
  rmSync(path, { force: true });
}
