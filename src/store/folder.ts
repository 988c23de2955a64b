import { lstatSync, readdirSync } from 'node:fs';
import { isErrno } from '../model/errors.ts';
import { stateError } from './files.ts';

/** From the making of a folder until its group may read it there are two calls; whoever made it may be held up in between. */
const SHARED_WITHIN_MS = 2_000;
const PAUSE_MS = 10;
const MOST_PAUSES = 20;

/** Names in a folder; none if there is no folder. */
export function listFolder(path: string): string[] {
  for (let pauses = 0; ; pauses++) {
    try {
      return readdirSync(path);
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return [];
      if (!isErrno(error, 'EACCES') || pauses >= MOST_PAUSES || !isBeingShared(path)) throw stateError('list', path, error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Whether another user has made the folder just now. */
function isBeingShared(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.uid !== process.getuid?.() && Math.abs(Date.now() - stat.ctimeMs) < SHARED_WITHIN_MS;
}
