import { constants } from 'node:fs';
import { type FileSystem, groupWritesIn } from './files.ts';
import type { Layout } from './layout.ts';
import { closeQuietly } from './temporaries.ts';

const BELL = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Wakes a watcher; a hint only, so that failing to ring is no failure: the next rescan finds what was published. */
export function ringBell(io: FileSystem, { bell, root }: Layout): void {
  const now = new Date();
  try {
    io.utimesSync(bell, now, now);
  } catch {
    // It is not there yet, or another user's: then only what is written changes its time.
    try {
      write(io, bell, groupWritesIn(io, root));
    } catch {
      // Nobody is woken.
    }
  }
}

function write(io: FileSystem, bell: string, isShared: boolean): void {
  const descriptor = io.openSync(bell, BELL, isShared ? 0o660 : 0o600);
  try {
    io.writeSync(descriptor, '\n', 0);
    // Only its owner may; it rings all the same.
    if (isShared) io.fchmodSync(descriptor, 0o660);
  } finally {
    closeQuietly(io, descriptor);
  }
}
