import { constants } from 'node:os';
import type { Call } from './shim.ts';

/** One way in which one call goes wrong. */
export interface Fault {
  /** For people: `ENOSPC`, `short`, `killed before`. */
  name: string;
  /** For the shim. */
  what: string;
}

type Errno = 'EIO' | 'ENOSPC' | 'EACCES' | 'EROFS' | 'EMFILE';

/** What the manual page of each call says it may answer, and what a medium that fails may answer to any of them. */
const ERRNOS: Record<string, Errno[]> = {
  open: ['EIO', 'EACCES', 'EMFILE'],
  'open folder': ['EIO', 'EACCES', 'EMFILE'],
  create: ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EMFILE'],
  read: ['EIO'],
  write: ['EIO', 'ENOSPC'],
  fsync: ['EIO', 'ENOSPC', 'EROFS'],
  close: ['EIO', 'ENOSPC'],
  truncate: ['EIO', 'EROFS'],
  link: ['EIO', 'ENOSPC', 'EACCES', 'EROFS'],
  symlink: ['EIO', 'ENOSPC', 'EACCES', 'EROFS'],
  rename: ['EIO', 'ENOSPC', 'EACCES', 'EROFS'],
  mkdir: ['EIO', 'ENOSPC', 'EACCES', 'EROFS'],
  unlink: ['EIO', 'EACCES', 'EROFS'],
  rmdir: ['EIO', 'EACCES', 'EROFS'],
  readdir: ['EIO', 'EACCES', 'EMFILE'],
  stat: ['EIO', 'EACCES'],
  access: ['EIO', 'EACCES'],
  readlink: ['EIO', 'EACCES'],
  chmod: ['EIO', 'EACCES', 'EROFS'],
  chown: ['EIO', 'EACCES', 'EROFS'],
  utimes: ['EIO', 'EACCES', 'EROFS'],
};

/** What leaves something behind on disk; of these alone it matters whether a process dies before or after them. */
const CHANGES = new Set([
  'create',
  'write',
  'fsync',
  'truncate',
  'link',
  'symlink',
  'rename',
  'mkdir',
  'unlink',
  'rmdir',
  'chmod',
  'chown',
  'utimes',
]);
/** A network file system may have done these although it answers that they failed: its first answer was lost. */
const MAYBE_DONE = new Set(['link', 'symlink', 'rename', 'mkdir', 'unlink', 'rmdir', 'create']);

const KILLED_BEFORE: Fault = { name: 'killed before', what: 'kill-before' };
const KILLED_AFTER: Fault = { name: 'killed after', what: 'kill-after' };

function fails(errno: Errno): Fault {
  return { name: errno, what: `errno:${constants.errno[errno]}` };
}

/** The faults that every single call is made to meet. */
export function faultsOfEach({ name, bytes, result }: Call): Fault[] {
  if (ERRNOS[name] === undefined) throw new Error(`no faults are known for the call ${name}`);
  const isTransfer = (name === 'read' || name === 'write') && bytes > 1 && result > 1;
  return [
    fails('EIO'),
    ...(isTransfer ? [{ name: 'short', what: 'short' }] : []),
    ...(isTransfer && name === 'write' ? [{ name: 'short, then full', what: 'short-full' }] : []),
    KILLED_BEFORE,
    // What only looks leaves nothing behind: killed after it is killed before it.
    ...(CHANGES.has(name) ? [KILLED_AFTER] : []),
  ];
}

/** The other faults of a call: each errno that applies, and done although it is said to have failed. */
export function faultsOfKind({ name }: Call): Fault[] {
  const late: Fault[] = MAYBE_DONE.has(name) ? [{ name: 'done, said to have failed', what: `late:${constants.errno.EIO}` }] : [];
  return [...(ERRNOS[name] ?? []).filter((errno) => errno !== 'EIO').map(fails), ...late];
}

/** The same call on the same kind of file at the same stage: numbers, hashes and names of this run are left out. */
export function kindOf({ name, path, other, errno }: Call): string {
  return `${name} ${kindOfPath(path)} ${kindOfPath(other)} ${errno}`;
}

const kindOfPath = (path: string): string => path.replace(/[0-9a-f]{6,}|\d+/g, '#');
