import { Fault } from '../../fault/index.ts';
import { readTextFile } from '../../files/index.ts';
import { resolveInRoot } from '../scoped-path.ts';
import type { SecuritySettings } from '../runtime.ts';

/** `process.user` of the OCI runtime specification. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

type Identity = Pick<SecuritySettings, 'runAsUser' | 'runAsGroup' | 'supplementalGroups'>;

/**
 * Resolves the user of a container: `runAsUser` and `runAsGroup` win over the image's `USER[:GROUP]`; names, primary
 * and further groups come from /etc/passwd and /etc/group of the image.
 * @throws Fault `CONTAINER_CANNOT_RUN` when the image does not know the name.
 */
export function resolveUser(rootfs: string, imageUser: string, security: Identity): ContainerUser {
  const users = readTable(rootfs, '/etc/passwd').map(parseUser);
  const groups = readTable(rootfs, '/etc/group').map(parseGroup);
  const [imageName = '', imageGroup = ''] = imageUser.split(':');

  const wanted = security.runAsUser === undefined ? imageName : String(security.runAsUser);
  const user = findUser(users, wanted);
  // A group of the image belongs to the image's user: it does not follow when the pod names another one.
  const group = security.runAsUser === undefined ? imageGroup : '';
  const gid = security.runAsGroup ?? (group === '' ? user.gid : findGroup(groups, group));
  // An explicit group replaces the memberships of the user (as `docker run --user a:b`).
  const memberships =
    group === '' ? groups.filter(({ members }) => members.includes(user.name)) : [];
  const further = [...memberships.map((entry) => entry.gid), ...security.supplementalGroups];
  return { uid: user.uid, gid, additionalGids: [...new Set(further)].filter((id) => id !== gid) };
}

function findUser(users: readonly UserEntry[], wanted: string): UserEntry {
  if (wanted === '') return users.find(({ uid }) => uid === 0) ?? { name: 'root', uid: 0, gid: 0 };
  const uid = parseId(wanted);
  const found = users.find((user) => user.name === wanted || user.uid === uid);
  if (found !== undefined) return found;
  if (uid !== undefined) return { name: '', uid, gid: 0 };
  throw unknownName('user', wanted, 'passwd');
}

function findGroup(groups: readonly GroupEntry[], wanted: string): number {
  const gid = groups.find((group) => group.name === wanted)?.gid ?? parseId(wanted);
  if (gid === undefined) throw unknownName('group', wanted, 'group');
  return gid;
}

function unknownName(what: string, name: string, file: string): Fault {
  return new Fault({
    code: 'CONTAINER_CANNOT_RUN',
    message: `unable to find ${what} ${name}: no matching entries in ${file} file`,
    advice: `Use a numeric id (securityContext.runAsUser, runAsGroup) or add ${name} to /etc/${file} of the image.`,
  });
}

const parseId = (text: string): number | undefined =>
  /^\d{1,10}$/.test(text) ? Number(text) : undefined;

/** Lines of passwd(5) or group(5), split at colons. */
function readTable(rootfs: string, path: string): string[][] {
  const text = readTextFile(resolveInRoot(rootfs, path)) ?? '';
  return text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
}

const parseUser = ([name = '', , uid, gid]: readonly string[]): UserEntry => ({
  name,
  uid: Number(uid),
  gid: Number(gid),
});

const parseGroup = ([name = '', , gid, members = '']: readonly string[]): GroupEntry => ({
  name,
  gid: Number(gid),
  members: members.split(',').filter((member) => member !== ''),
});
