import type { Catalog } from '../model/catalog.ts';
import { parseStrict } from '../model/json.ts';
import { formatDuration, formatTime } from '../model/time.ts';
import { overwriteCacheFile, writeCacheFile } from '../store/cache-file.ts';
import { readRegular, realFileSystem } from '../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../store/layout.ts';

/** What `.pass.json` remembers of the last complete pass. */
export interface PassRecord {
  startedAt: string;
  finishedAt: string;
  /** When the next step will be due if nothing more is heard; null if none will. */
  nextDue: string | null;
}

/** Says that a pass came to its end. A hint for those who watch the watchdog; it never fails the pass. */
export function recordPass({ lastPass }: Pick<Layout, 'lastPass'>, started_ms: number, finished_ms: number, nextDue_ms: number | null): void {
  const record: PassRecord = {
    startedAt: new Date(started_ms).toISOString(),
    finishedAt: new Date(finished_ms).toISOString(),
    nextDue: nextDue_ms === null ? null : new Date(nextDue_ms).toISOString(),
  };
  const text = `${JSON.stringify(record)}\n`;
  if (!overwriteCacheFile(lastPass, text)) writeCacheFile(lastPass, text);
}

/** A hint and no fact: whatever does not look like one is none. */
export function readLastPass(layout: Layout): PassRecord | null {
  try {
    const read = readRegular(realFileSystem, layout.lastPass, MAX_ARTIFACT_BYTES);
    const parsed = read.kind === 'bytes' ? parseStrict(read.bytes) : null;
    if (!parsed?.ok) return null;
    const { startedAt, finishedAt, nextDue } = parsed.value as Record<keyof PassRecord, unknown>;
    const [started, finished] = [asTime(startedAt), asTime(finishedAt)];
    return started === null || finished === null ? null : { startedAt: started, finishedAt: finished, nextDue: asTime(nextDue) };
  } catch {
    return null;
  }
}

function asTime(value: unknown): string | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : formatTime(ms);
}

/** Whether somebody still watches, as `rgov status --max-age` asks. */
export interface WatchAge {
  maxAge_ms: number;
  /** How long ago the last pass completed; null if nobody knows. */
  age_ms: number | null;
  late: boolean;
  /** In words; empty if it is not late. */
  detail: string;
}

/** Clocks of two machines differ by less than this. */
const MAX_AHEAD_MS = 60_000;

export function watchAge(lastPass: PassRecord | null, maxAge_ms: number, now_ms: number): WatchAge {
  const limit = `at most ${formatDuration(maxAge_ms)} may lie between passes`;
  if (lastPass === null) return { maxAge_ms, age_ms: null, late: true, detail: `no pass has completed here yet; ${limit}` };
  const age_ms = now_ms - Date.parse(lastPass.finishedAt);
  if (age_ms < -MAX_AHEAD_MS) {
    const detail = `the last pass is recorded ${formatDuration(-age_ms)} in the future (${lastPass.finishedAt}): a clock was wrong then or is now, so nobody knows when it was`;
    return { maxAge_ms, age_ms: null, late: true, detail };
  }
  const late = age_ms >= maxAge_ms;
  return { maxAge_ms, age_ms: Math.max(0, age_ms), late, detail: late ? `no pass has completed for ${formatDuration(age_ms)}; ${limit}` : '' };
}

/** Whether so much time has gone by since a pass came to its end that nobody can be said to have watched. */
export function isGap({ gapAfter_ms }: Pick<Catalog, 'gapAfter_ms'>, lastPass: PassRecord | null, now_ms: number): boolean {
  return gapAfter_ms !== null && lastPass !== null && now_ms - Date.parse(lastPass.finishedAt) > gapAfter_ms;
}
