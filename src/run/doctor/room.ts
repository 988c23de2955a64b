import { statfsSync } from 'node:fs';
import { type CheckResult, type Finding, resultOf } from './check.ts';

/** A pass writes a few kilobytes for each notice; below this, something else on that disk is about to fill it. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;
const MIN_FREE_FILES = 10_000;
const MIB = 1024 * 1024;

export interface Room {
  freeBytes: number;
  /** Null where the file system has no fixed number of files. */
  freeFiles: number | null;
}

/** Whether there is room for what is still to be recorded. */
export function checkRoom(folder: string, { freeBytes, freeFiles }: Room = roomIn(folder)): CheckResult {
  const found: Omit<Finding, 'check'>[] = [];
  const mend = `df -h ${folder}; df -i ${folder}; days that are sealed can be packed: rgov archive --before DATE`;
  if (freeBytes < MIN_FREE_BYTES) found.push({ problem: `only ${Math.floor(freeBytes / MIB)} MiB are free where state lies`, mend });
  if (freeFiles !== null && freeFiles < MIN_FREE_FILES) found.push({ problem: `only ${freeFiles} more files can be made where state lies`, mend });
  const files = freeFiles === null ? '' : `, room for ${freeFiles.toLocaleString('en')} files`;
  return resultOf('room', `${Math.floor(freeBytes / MIB).toLocaleString('en')} MiB free${files}`, found);
}

/** What an ordinary user may still use (statfs(2): f_bavail, f_ffree). */
function roomIn(folder: string): Room {
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  return { freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
}
