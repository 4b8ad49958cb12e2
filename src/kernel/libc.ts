import koffi from 'koffi';
import { KernelError } from './kernel-error.ts';

const library = koffi.load(null);

/**
 * The calls of the C library that Node has no interface for. Each runs on the calling thread, which is what
 * `setns` and `unshare` are about: they move one thread. All return -1 and set errno when they fail.
 *
 * `open` is here beside `close`, because Node closes at the end of a worker what `fs` opened in it: a descriptor
 * must be closed on the side that opened it, or a stranger's is closed in its place.
 */
export const libc = {
  open: library.func('int open(const char *path, int flags, unsigned int mode)'),
  setns: library.func('int setns(int fd, int type)'),
  unshare: library.func('int unshare(int flags)'),
  sethostname: library.func('int sethostname(const char *name, size_t length)'),
  mount: library.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  umount2: library.func('int umount2(const char *target, int flags)'),
  socket: library.func('int socket(int domain, int type, int protocol)'),
  bind: library.func('int bind(int fd, const uint8_t *address, uint32_t length)'),
  listen: library.func('int listen(int fd, int backlog)'),
  getsockname: library.func('int getsockname(int fd, uint8_t *address, uint8_t *length)'),
  setsockopt: library.func(
    'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)',
  ),
  send: library.func('long send(int fd, const uint8_t *buffer, size_t length, int flags)'),
  recv: library.func('long recv(int fd, uint8_t *buffer, size_t length, int flags)'),
  recvmmsg: library.func(
    'int recvmmsg(int fd, uint8_t *headers, unsigned int count, int flags, void *timeout)',
  ),
  sendmmsg: library.func('int sendmmsg(int fd, uint8_t *headers, unsigned int count, int flags)'),
  close: library.func('int close(int fd)'),
  eventfd: library.func('int eventfd(unsigned int initial, int flags)'),
  poll: library.func('int poll(uint8_t *fds, unsigned long count, int timeout)'),
} as const;

/** The errno of the call before this one; anything in between may overwrite it. */
export function lastErrno(): number {
  return koffi.errno();
}

/**
 * Returns the result of a call that did not fail; must wrap the call directly, so that errno is still its own.
 * @throws KernelError that says what could not be done.
 */
export function checked(result: number, what: string): number {
  if (result !== -1) return result;
  throw new KernelError(what, lastErrno());
}
