import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RgovError } from '../model/errors.ts';
import { listFolder } from '../store/folder.ts';
import { isRunning } from './host.ts';

/** Temporary files older than this belong to nobody, unless whoever made them is there still. */
const LEFTOVER_MS = 3_600_000;
/** Temporary names begin with the process that made them. */
const MADE_BY = /^(\d+)-/;

/** Temporary files of processes that died: nothing scans them, but they take room. What cannot be swept now is swept another time. */
export function sweepLeftovers(folder: string, now_ms: number): void {
  try {
    // By the clock of the file system, too: where ours is ahead, what others are writing at this moment would look old.
    const youngest_ms = Math.min(now_ms, lstatSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now_ms);
    for (const name of listFolder(folder)) if (isOlder(join(folder, name), youngest_ms - LEFTOVER_MS) && !isInUse(name)) remove(join(folder, name));
  } catch (error) {
    // Another user may have made the folder just now, and not have shared it yet.
    if (!(error instanceof RgovError)) throw error;
  }
}

function isOlder(path: string, than_ms: number): boolean {
  try {
    return lstatSync(path).mtimeMs < than_ms;
  } catch {
    // Somebody else swept.
    return false;
  }
}

/** Where a clock is set ahead, or a process stood still for hours, what it is about to publish looks old. */
function isInUse(name: string): boolean {
  const pid = MADE_BY.exec(name)?.[1];
  return pid !== undefined && isRunning(Number(pid));
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else swept, or it is no file of ours.
  }
}
