import type { Expectation } from '../../model/catalog.ts';
import type { Track } from './state.ts';

/** The times of a schedule; asked for with what a document says. */
export interface Schedules {
  /** First time strictly after a moment, or null if none comes. */
  next(cron: string, timezone: string, after_ms: number): number | null;
}

/**
 * By when the next word is owed; null if none is. Nothing is owed for a time before the expectation was in force, but a
 * subject that nobody has ever heard of is overdue from that very moment.
 */
export function deadline(
  { due }: Expectation,
  track: Pick<Track, 'last' | 'heardSince_ms' | 'ended' | 'started'>,
  since_ms: number,
  schedules: Schedules,
): number | null {
  if (due === null || track.ended) return null;
  const { last, heardSince_ms } = track;
  if (due.kind === 'after') {
    const due_ms = last === null || track.started === null ? null : last.time_ms + due.within_ms;
    // A run that had fallen silent before anybody asked is history, not news.
    return due_ms === null || due_ms < since_ms ? null : due_ms;
  }
  if (last === null && heardSince_ms === null) return since_ms;
  const from_ms = Math.max(since_ms, last?.time_ms ?? heardSince_ms ?? since_ms);
  if (due.kind === 'every') return from_ms + due.every_ms + due.grace_ms;
  const covered_ms = last === null ? from_ms : Math.max(since_ms, last.time_ms + due.early_ms);
  const time_ms = schedules.next(due.cron, due.timezone, covered_ms);
  return time_ms === null ? null : time_ms + due.grace_ms;
}
