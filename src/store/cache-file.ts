import { chmodSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
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

/** What is behind a link is not ours: names such as these may stand for somebody else's files there. */
function isBehindLink(path: string): boolean {
  const above = dirname(path);
  const cache = basename(above) === '.cache' ? above : dirname(above);
  if (basename(cache) !== '.cache') return false;
  return [cache, above].some((folder) => lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink());
}

function replaceFile(path: string, text: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}`;
  // A leftover of a process with the same number; `wx` makes sure that nothing is written through a link or into a pipe.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
  try {
    // Where several users share the state, each goes on with what the other has learned.
    if (groupWritesIn(realFileSystem, dirname(path))) chmodSync(temporary, 0o640);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
