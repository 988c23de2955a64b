import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isErrno, messageOf, RgovError } from '../model/errors.ts';

/** The file-system calls that make an artifact durable; a test puts failing ones in their place. */
export const realFileSystem = {
  openSync,
  writeSync,
  fsyncSync,
  fsync,
  closeSync,
  linkSync,
  unlinkSync,
  mkdirSync,
  rmdirSync,
  chmodSync,
  fchmodSync,
  readdirSync,
  readSync,
  fstatSync,
  statSync,
  lstatSync,
  renameSync,
  utimesSync,
};

export type FileSystem = typeof realFileSystem;

/** A failed call on `state/`, as the error that the operator sees: path and cause in the message, exit code 4. */
export function stateError(doing: string, path: string, cause: unknown): RgovError {
  if (cause instanceof RgovError) return cause;
  const reason = isErrno(cause) ? (ERRNO_WORDS[cause.code ?? ''] ?? cause.code ?? cause.message) : messageOf(cause);
  return new RgovError('state_io', `cannot ${doing} ${path}: ${reason}`, {
    expected: 'a state folder that this user can read and write, on a file system with space left',
    hint: `look at it with: ls -ld ${dirname(path)}; df -h ${dirname(path)}; df -i ${dirname(path)}`,
    cause,
  });
}

const ERRNO_WORDS: Record<string, string> = {
  ENOSPC: 'no space left on the device (ENOSPC)',
  EDQUOT: 'the disk quota is used up (EDQUOT)',
  EROFS: 'the file system is read-only (EROFS)',
  EACCES: 'permission denied (EACCES)',
  EPERM: 'operation not permitted (EPERM)',
  EIO: 'input/output error (EIO)',
  EMFILE: 'too many open files (EMFILE)',
  ENOTDIR: 'a file stands where a folder should be (ENOTDIR)',
  ELOOP: 'a symbolic link stands here, which is not followed (ELOOP)',
  EMLINK: 'the file system takes no more links (EMLINK)',
};

/** Writes all bytes; a short write goes on where it stopped. */
export function writeFully(io: FileSystem, descriptor: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    const written = io.writeSync(descriptor, bytes, offset, bytes.length - offset);
    if (written === 0) throw new Error('write returned 0 bytes');
    offset += written;
  }
}

export function syncFolder(io: FileSystem, path: string): void {
  const descriptor = io.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    io.fsyncSync(descriptor);
  } finally {
    io.closeSync(descriptor);
  }
}

/** Write permission of the group on a folder: whoever is in the group shares what lies below it. */
const GROUP_WRITES = 0o020;

/** Whether the group may write in this folder. */
export function groupWritesIn(io: FileSystem, folder: string): boolean {
  const { mode } = io.statSync(folder);
  // A folder for everybody's temporary files (with the sticky bit) is nobody's state.
  return (mode & GROUP_WRITES) !== 0 && (mode & 0o1000) === 0;
}

/**
 * Creates a folder and its missing parents, each entry durable in the folder above. Mode 0700, or as the folder above where
 * the group may write there: several users then share one state. Below `state/` a link to
 * a folder is refused: what is written behind it would be out of sight as soon as the link is gone.
 */
export function makeFolder(io: FileSystem, path: string, links: 'refused' | 'followed' = 'refused'): void {
  try {
    if (!makeOne(io, path, links)) return;
  } catch (error) {
    if (!isErrno(error, 'ENOENT') || dirname(path) === path) throw error;
    makeFolder(io, dirname(path), links);
    // Once only: some places, /proc among them, answer ENOENT whatever there is above them.
    makeOne(io, path, links);
  }
  takeAfterParent(io, path);
  syncFolder(io, dirname(path));
}

/** What the process masks out of new modes does not count: who shares the folder above shares this one. */
function takeAfterParent(io: FileSystem, path: string): void {
  const above = dirname(path);
  if (groupWritesIn(io, above)) io.chmodSync(path, io.statSync(above).mode & 0o2770);
}

/** False if the folder is there already. */
function makeOne(io: FileSystem, path: string, links: 'refused' | 'followed'): boolean {
  try {
    io.mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    const stat = links === 'refused' ? io.lstatSync(path) : io.statSync(path);
    if (stat.isDirectory()) return false;
    throw errno(stat.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR', path);
  }
}

/** An error as the operating system would give it, for what it does not refuse by itself. */
export function errno(code: 'ELOOP' | 'ENOTDIR', path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

export type ReadResult =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'missing' }
  | { kind: 'bad'; reason: 'not_a_regular_file' | 'too_large'; detail: string };

/**
 * Reads a regular file of at most `max_bytes`. A link, pipe, device or folder is not opened for reading, or not waited
 * for: O_NOFOLLOW refuses links, O_NONBLOCK keeps a pipe without a writer from hanging.
 */
export function readRegular(io: FileSystem, path: string, max_bytes: number): ReadResult {
  let descriptor: number;
  try {
    descriptor = io.openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { kind: 'missing' };
    if (isErrno(error, 'ELOOP', 'EMLINK')) return { kind: 'bad', reason: 'not_a_regular_file', detail: 'a symbolic link stands here' };
    if (isErrno(error, 'ENXIO', 'ENODEV', 'EOPNOTSUPP'))
      return { kind: 'bad', reason: 'not_a_regular_file', detail: 'a socket or device stands here' };
    throw stateError('read', path, error);
  }
  try {
    const stat = io.fstatSync(descriptor);
    if (!stat.isFile()) {
      const what = stat.isDirectory() ? 'a folder' : stat.isFIFO() ? 'a named pipe' : 'a device';
      return { kind: 'bad', reason: 'not_a_regular_file', detail: `${what} stands here` };
    }
    if (stat.size > max_bytes) return { kind: 'bad', reason: 'too_large', detail: `${stat.size} bytes; at most ${max_bytes} are read` };
    const bytes = Buffer.allocUnsafe(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const read = io.readSync(descriptor, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return { kind: 'bytes', bytes: bytes.subarray(0, length) };
  } catch (error) {
    throw stateError('read', path, error);
  } finally {
    closeRead(io, descriptor);
  }
}

/** Linux lets go of a descriptor even if close() fails, and of what was only read nothing can be lost. */
function closeRead(io: FileSystem, descriptor: number): void {
  try {
    io.closeSync(descriptor);
  } catch {
    // Every byte was read.
  }
}
