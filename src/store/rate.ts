import { readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../model/errors.ts';
import { makeFolder, realFileSystem, stateError } from './files.ts';
import { listFolder } from './folder.ts';
import type { Layout } from './layout.ts';

/** More processes than this do not ask at the same moment. */
const MAX_TRIES = 1_000;
/** As they are written here, so that each number has one name. */
const NUMBER = /^[1-9]\d{0,15}$/;
/** No sender ever gets so far; a greater number was not taken by an attempt, and beyond what can be counted there is no next one. */
const GREATEST_NUMBER = 1e15;
/** So far apart two processes may have read the clock before they take their turns. */
const STALE_CLOCK_MS = 60_000;

/**
 * Takes leave to make one attempt, of which there are at most `count` in any stretch of `per_ms`, over all processes: each
 * takes the next number by creating a link of that name, which only one can, and only if the number `count` before it was
 * taken long enough ago. A link, because it appears together with what it says: the time. Returns null, or when to ask again.
 */
export function takeTurn(layout: Layout, sender: string, { count, per_ms }: { count: number; per_ms: number }, now_ms: number): number | null {
  const folder = join(layout.rates, sender);
  try {
    makeFolder(realFileSystem, folder);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const numbers = readdirSync(folder)
        .filter((name) => NUMBER.test(name))
        .map(Number)
        .filter(Number.isSafeInteger);
      const next = numbers.reduce((a, b) => Math.max(a, b), 0) + 1;
      if (next > GREATEST_NUMBER) {
        for (const number of numbers) forget(join(folder, String(number)));
        continue;
      }
      const free_ms = takenAt(join(folder, String(next - count))) + per_ms;
      // A time that far ahead was written by a clock that has been put right since.
      if (free_ms > now_ms && free_ms <= now_ms + per_ms + STALE_CLOCK_MS) return free_ms;
      try {
        symlinkSync(String(now_ms), join(folder, String(next)));
      } catch (error) {
        if (isErrno(error, 'EEXIST')) continue;
        throw error;
      }
      for (const number of numbers) if (number <= next - count) forget(join(folder, String(number)));
      return null;
    }
    return now_ms + per_ms;
  } catch (error) {
    throw stateError('count attempts in', folder, error);
  }
}

/**
 * When the next turn but `ahead` may be taken, if those before it are taken now; null if that is now. Takes none.
 */
export function nextTurnAt(
  layout: Layout,
  sender: string,
  { count, per_ms }: { count: number; per_ms: number },
  ahead: number,
  now_ms: number,
): number | null {
  const folder = join(layout.rates, sender);
  const next =
    listFolder(folder)
      .map(Number)
      .filter(Number.isSafeInteger)
      .reduce((a, b) => Math.max(a, b), 0) + 1;
  const before = next + ahead - count;
  const free_ms = (before >= next ? now_ms : takenAt(join(folder, String(before)))) + per_ms;
  return free_ms > now_ms && free_ms <= now_ms + per_ms + STALE_CLOCK_MS ? free_ms : null;
}

/** Long ago where nobody has taken that number. */
function takenAt(path: string): number {
  try {
    return Number(readlinkSync(path));
  } catch (error) {
    // EINVAL: something else stands here, and says nothing.
    if (isErrno(error, 'ENOENT', 'EINVAL')) return Number.NEGATIVE_INFINITY;
    throw error;
  }
}

function forget(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else was faster.
  }
}
