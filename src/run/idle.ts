import type { Catalog } from '../model/catalog.ts';
import { isOfWrongClock } from '../model/clock.ts';
import { readDayIndex } from '../store/day-index.ts';
import { waitingDrops, whyNoDrops } from '../store/drops.ts';
import type { Layout } from '../store/layout.ts';
import { subjectsWereTouched } from '../store/subject-memory.ts';
import { surveyIdly } from '../store/survey.ts';
import { isGap, readLastPass } from './last-pass.ts';
import { nextAskOfAll_ms } from './sources/memory.ts';

/**
 * Whether there is nothing at all to do, found from names and times alone: this is what most runs from cron come to.
 * Returns when the next step will be due.
 */
export function findIdle(layout: Layout, catalog: Catalog, now_ms: number): { nextDue_ms: number | null } | null {
  const index = readDayIndex(layout.cache, catalog.digest);
  if (isOfWrongClock(index.at_ms ?? 0, now_ms)) return null;
  const watchDue_ms = whenWatchdogIsDue(catalog, index);
  if (watchDue_ms === undefined || (watchDue_ms !== null && watchDue_ms <= now_ms)) return null;
  const nextStep_ms = surveyIdly(layout, index, catalog, now_ms);
  if (nextStep_ms === undefined || whyNoDrops(layout) !== null || waitingDrops(layout).length > 0) return null;
  if (subjectsWereTouched(layout)) return null;
  if (catalog.gapAfter_ms !== null && isGap(catalog, readLastPass(layout), now_ms)) return null;
  const ask_ms = nextAskOfAll_ms(catalog, layout, now_ms);
  if (ask_ms !== null && ask_ms <= now_ms) return null;
  return { nextDue_ms: earlier(earlier(nextStep_ms, watchDue_ms), ask_ms) };
}

/** Undefined if the watchdog has not looked since the documents were changed. */
function whenWatchdogIsDue({ expectations, digest }: Catalog, index: ReturnType<typeof readDayIndex>): number | null | undefined {
  if (expectations.length === 0) return null;
  return index.catalog === digest ? index.watchDue_ms : undefined;
}

const earlier = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
