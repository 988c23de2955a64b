import { closeSync, constants, fchmodSync, fsyncSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isErrno, messageOf, RgovError } from '../../model/errors.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Puts whole bytes in the place of a file, missing folders included: whoever reads sees the old file or the new one, also after a crash.
 * A file that is there keeps its mode unless `mode` is given, and a link to one stays a link. Throws `state_io`.
 */
export function replaceFile(path: string, bytes: string | Uint8Array, mode?: number): void {
  let temporary: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const target = behindLinks(path);
    const kept = mode ?? modeOf(target) ?? 0o600;
    const name = join(dirname(target), `.${basename(target).slice(0, 200)}.${process.pid}.${process.hrtime.bigint()}`);
    const descriptor = openSync(name, NEW_FILE, 0o600);
    temporary = name;
    try {
      const buffer = Buffer.from(bytes);
      for (let offset = 0; offset < buffer.length; ) offset += writeSync(descriptor, buffer, offset);
      fchmodSync(descriptor, kept);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(name, target);
    temporary = undefined;
    syncFolder(dirname(target));
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw cannot('write', path, error);
  }
}

/** Throws `state_io`; a file that is gone already is none. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
    syncFolder(dirname(path));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw cannot('remove', path, error);
  }
}

export function cannot(doing: string, path: string, error: unknown): RgovError {
  return new RgovError('state_io', `cannot ${doing} ${path}: ${isErrno(error) ? error.code : messageOf(error)}`, {
    hint: `ls -ld ${path} ${dirname(path)}`,
    cause: error,
  });
}

function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return path;
    throw error;
  }
}

function modeOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && stat.mode & 0o7777;
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
