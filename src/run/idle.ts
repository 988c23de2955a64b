import { writeCacheFile } from '../store/cache-file.ts';
import { readDayIndex } from '../store/day-index.ts';
import type { Layout } from '../store/layout.ts';
import { survey } from '../store/survey.ts';

/** What `.pass.json` remembers of the last complete pass. */
export interface PassRecord {
  startedAt: string;
  finishedAt: string;
  /** When the next step will be due if nothing more is heard; null if none will. */
  nextDue: string | null;
}

/**
 * Whether there is nothing at all to do, found from names and times alone: this is what most runs from cron come to.
 * Returns when the next step will be due.
 */
export function findIdle(layout: Layout, catalogDigest: string, now_ms: number): { nextDue_ms: number | null } | null {
  const found = survey(layout, readDayIndex(layout.cache, catalogDigest), catalogDigest, now_ms);
  return found.listed.size === 0 && found.bad.length === 0 ? { nextDue_ms: found.nextDue_ms } : null;
}

/** Says that a pass came to its end. A hint for those who watch the watchdog; it never fails the pass. */
export function recordPass(layout: Layout, started_ms: number, finished_ms: number, nextDue_ms: number | null): void {
  const record: PassRecord = {
    startedAt: new Date(started_ms).toISOString(),
    finishedAt: new Date(finished_ms).toISOString(),
    nextDue: nextDue_ms === null ? null : new Date(nextDue_ms).toISOString(),
  };
  writeCacheFile(layout.lastPass, `${JSON.stringify(record)}\n`);
}
