import { chmodSync, closeSync, constants, fstatSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isErrno } from '../model/errors.ts';
import { groupWritesIn, makeFolder, readRegular, realFileSystem } from './files.ts';

/** More than a century of days; whatever is larger is not ours. */
const MAX_CACHE_BYTES = 16 * 1024 * 1024;

/** Throws where there is no such file, or something else in its place: a pipe would keep a plain read waiting for ever. */
export function readCacheBytes(path: string): Buffer {
  const read = readRegular(realFileSystem, path, MAX_CACHE_BYTES);
  if (read.kind !== 'bytes') throw new Error(`no cache at ${path}`);
  return Buffer.from(read.bytes.buffer, read.bytes.byteOffset, read.bytes.byteLength);
}

/** The same as text. */
export function readCacheFile(path: string): string {
  return readCacheBytes(path).toString('utf8');
}

/** A cache that cannot be written is no error: the next pass looks again. */
export function writeCacheFile(path: string, text: string | Uint8Array): void {
  try {
    if (isBehindLink(path)) return;
    replaceFile(path, text);
  } catch {
    try {
      makeFolder(realFileSystem, dirname(path));
      replaceFile(path, text);
    } catch {
      // Slower next time, nothing else.
    }
  }
}

/**
 * Puts a text of the same length in place of what the file holds, without another file being made for it: that is dear where it
 * is done every minute. False where the file is not there, or is of another length.
 */
export function overwriteCacheFile(path: string, text: string): boolean {
  const bytes = Buffer.from(text);
  return changeInPlace(path, 0, (descriptor, size) => size === bytes.length && writeSync(descriptor, bytes, 0, bytes.length, 0) === bytes.length);
}

/** Adds lines to a file that is there; false where it is not, or takes no more. A line may be cut off, and the next one with it. */
export function appendCacheFile(path: string, text: string): boolean {
  const bytes = Buffer.from(text);
  return changeInPlace(
    path,
    constants.O_APPEND,
    (descriptor, size) => size + bytes.length <= MAX_CACHE_BYTES && writeSync(descriptor, bytes) === bytes.length,
  );
}

export function removeCacheFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or not ours to remove: then nobody could write to it either.
  }
}

/** Whoever knows the file by another name, as a copy made of links does, must not see it change. */
function changeInPlace(path: string, flags: number, change: (descriptor: number, size: number) => boolean): boolean {
  try {
    if (isBehindLink(path)) return false;
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY | flags);
    try {
      const stat = fstatSync(descriptor);
      return stat.isFile() && stat.nlink === 1 && change(descriptor, stat.size);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

/** What is behind a link is not ours: names such as these may stand for somebody else's files there. */
function isBehindLink(path: string): boolean {
  const above = dirname(path);
  const cache = basename(above) === '.cache' ? above : dirname(above);
  if (basename(cache) !== '.cache') return false;
  return [cache, above].some((folder) => lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink());
}

function replaceFile(path: string, text: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}`;
  writeNew(temporary, text);
  try {
    // Where several users share the state, each goes on with what the other has learned.
    if (groupWritesIn(realFileSystem, dirname(path))) chmodSync(temporary, 0o640);
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/** A leftover of a process with the same number is in the way; `wx` makes sure that nothing is written through a link or into a pipe. */
function writeNew(path: string, text: string | Uint8Array): void {
  const write = () => writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  try {
    write();
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    unlinkSync(path);
    write();
  }
}
