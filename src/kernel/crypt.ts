import koffi from 'koffi';

/** `struct crypt_data` of libxcrypt is 32 KiB (crypt.h); zeroed, it is initialised. */
const DATA_BYTES = 32_768;

type Crypt = (phrase: string, setting: string, data: Buffer) => string | null;

let loaded: Crypt | undefined;

function load(): Crypt {
  const library = koffi.load('libcrypt.so.1');
  return library.func(
    'const char *crypt_r(const char *phrase, const char *setting, uint8_t *data)',
  ) as Crypt;
}

/**
 * crypt(5) of a password with the salt and method of an existing entry (yescrypt, bcrypt, SHA-512, DES, ...); the same
 * text as the entry when the password is right. Undefined when the library is missing or does not know the method.
 */
export function cryptPassword(password: string, entry: string): string | undefined {
  try {
    loaded ??= load();
  } catch {
    return undefined;
  }
  const made = loaded(password, entry, Buffer.alloc(DATA_BYTES));
  // A text that begins with `*` is how libxcrypt says that it failed.
  return made === null || made.startsWith('*') ? undefined : made;
}
