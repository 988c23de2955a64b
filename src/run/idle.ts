import { readDayIndex } from '../store/day-index.ts';
import type { Layout } from '../store/layout.ts';
import { survey } from '../store/survey.ts';

/**
 * Whether there is nothing at all to do, found from names and times alone: this is what most runs from cron come to.
 * Returns when the next step will be due.
 */
export function findIdle(layout: Layout, catalogDigest: string, now_ms: number): { nextDue_ms: number | null } | null {
  const found = survey(layout, readDayIndex(layout.cache, catalogDigest), catalogDigest, now_ms);
  return found.listed.size === 0 && found.bad.length === 0 ? { nextDue_ms: found.nextDue_ms } : null;
}
