import { constants } from 'node:fs';
import { basename, join } from 'node:path';
import { isErrno } from '../../model/errors.ts';
import { archivePath } from '../archive.ts';
import { type FileSystem, groupWritesIn, makeFolder, stateError, syncFolder, writeFully } from '../files.ts';
import type { Layout } from '../layout.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Makes an archive appear, whole, if there is none of that day; never overwrites. Only {@link makeSure} makes its name durable. Throws `state_io`. */
export function publishArchive(layout: Layout, day: string, bytes: Uint8Array, io: FileSystem): 'created' | 'exists' {
  const path = archivePath(layout, day);
  const temporary = join(layout.temporaries, `${process.pid}-${process.hrtime.bigint()}-${basename(path)}`);
  try {
    makeFolder(io, layout.archives);
    makeFolder(io, layout.temporaries);
    try {
      writeSynced(temporary, bytes, groupWritesIn(io, layout.root), io);
      return link(temporary, path, io);
    } finally {
      discard(temporary, io);
    }
  } catch (error) {
    throw stateError('write', path, error);
  }
}

function link(temporary: string, path: string, io: FileSystem): 'created' | 'exists' {
  try {
    io.linkSync(temporary, path);
    return 'created';
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return 'exists';
    throw error;
  }
}

/**
 * Waits until the archive and the seal of a day are on the disk with their names, whoever made them: another process may have made one of
 * them appear, and have died before that was durable. Only after this may what they stand for be removed. Throws `state_io`.
 */
export function makeSure(layout: Layout, day: string, io: FileSystem): void {
  const path = archivePath(layout, day);
  try {
    const descriptor = io.openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      io.fsyncSync(descriptor);
    } finally {
      io.closeSync(descriptor);
    }
    for (const folder of [layout.archives, layout.seals, layout.root]) syncFolder(io, folder);
  } catch (error) {
    throw stateError('sync', path, error);
  }
}

function writeSynced(path: string, bytes: Uint8Array, shared: boolean, io: FileSystem): void {
  const descriptor = io.openSync(path, NEW_FILE, 0o600);
  try {
    // Others of the group may read what is in it.
    if (shared) io.fchmodSync(descriptor, 0o640);
    writeFully(io, descriptor, bytes);
    io.fsyncSync(descriptor);
  } finally {
    io.closeSync(descriptor);
  }
}

/** What is left over is invisible to every scan and swept away later. */
function discard(path: string, io: FileSystem): void {
  try {
    io.unlinkSync(path);
  } catch {
    // Nothing depends on it.
  }
}
