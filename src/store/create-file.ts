import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isErrno } from '../model/errors.ts';
import { type FileSystem, makeFolder, realFileSystem, syncFolder, writeFully } from './files.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Durably creates one file outside of the stages if it is absent, missing folders included; never overwrites, and a
 * reader never sees half of it. Throws what the file system throws.
 */
export function createFile(path: string, text: string, mode: number, io: FileSystem = realFileSystem): 'created' | 'exists' {
  return createFileIf(path, text, mode, () => true, io) as 'created' | 'exists';
}

/** The same, if it is still wanted in the moment before it appears. */
export function createFileIf(
  path: string,
  text: string,
  mode: number,
  isWanted: () => boolean,
  io: FileSystem = realFileSystem,
): 'created' | 'exists' | 'unwanted' {
  const folder = dirname(path);
  makeFolder(io, folder, 'followed');
  // Never a name that was used before: what a dead process left under it may be a second name of a finished file.
  const temporary = join(folder, `.${basename(path).slice(0, 200)}.${process.pid}.${process.hrtime.bigint()}`);
  const descriptor = io.openSync(temporary, NEW_FILE, mode);
  try {
    try {
      writeFully(io, descriptor, Buffer.from(text));
      io.fsyncSync(descriptor);
    } finally {
      io.closeSync(descriptor);
    }
    if (!isWanted()) return 'unwanted';
    io.linkSync(temporary, path);
    return 'created';
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return 'exists';
    throw error;
  } finally {
    io.unlinkSync(temporary);
    syncFolder(io, folder);
  }
}
