import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { groupWritesIn, makeFolder, readRegular, realFileSystem } from './files.ts';

/** More than a century of days; whatever is larger is not ours. */
const MAX_CACHE_BYTES = 16 * 1024 * 1024;

/** Throws where there is no such file, or something else in its place: a pipe would keep a plain read waiting for ever. */
export function readCacheFile(path: string): string {
  const read = readRegular(realFileSystem, path, MAX_CACHE_BYTES);
  if (read.kind !== 'bytes') throw new Error(`no cache at ${path}`);
  return Buffer.from(read.bytes).toString('utf8');
}

/** A cache that cannot be written is no error: the next pass looks again. */
export function writeCacheFile(path: string, text: string): void {
  try {
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

function replaceFile(path: string, text: string): void {
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
