import { dayOf } from '../model/names.ts';
import type { Waiting } from '../model/steps.ts';
import { ClosedDays } from '../store/closed-days.ts';
import { addComplete, completeKey, type DayIndex, emptyIndex, writeComplete, writeDayIndex } from '../store/day-index.ts';
import type { Layout } from '../store/layout.ts';
import type { Survey } from '../store/survey.ts';

/** Folder times may be this coarse; a day that changed more recently is listed again next time. */
export const COARSE_CLOCK_MS = 2_000;

interface LastLook {
  found: Survey;
  waiting: readonly Waiting[];
  /** Events of a day whose chain was seen whole in this pass. */
  verifiedOn(day: string): ReadonlySet<string>;
  /** When the watchdog will find something if nothing more is heard. */
  watchDue_ms: number | null;
  /** Days on which something could not be read or moved: they are looked at again each time. */
  blurred: ReadonlySet<string>;
}

/** Writes down what the last look of a pass found, so that the next pass can skip what has not changed; returns it, too. */
export function remember(
  layout: Layout,
  index: DayIndex,
  catalogDigest: string,
  { found, waiting, verifiedOn, watchDue_ms, blurred }: LastLook,
): DayIndex {
  const next = index.catalog === catalogDigest ? index : { ...emptyIndex(catalogDigest), days: settledDays(index) };
  const unsettled = new Set([...found.open.map(({ name }) => name), ...found.undecided].map(dayOf));
  for (const { notice, because } of waiting) if (because === 'proof_awaited') unsettled.add(dayOf(notice));
  for (const name of found.unverified) if (!verifiedOn(dayOf(name)).has(completeKey(name))) unsettled.add(dayOf(name));
  for (const [day, { changeTimes, complete, queued }] of found.listed) {
    const verified = [...verifiedOn(day)].filter((key) => !complete?.has(key));
    if (verified.length > 0) (complete ? addComplete : writeComplete)(layout.cache, day, verified, queued);
    // A folder may have changed again within one tick of its clock, after it was listed.
    if (blurred.has(day) || found.at_ms - Math.max(...changeTimes) < COARSE_CLOCK_MS) delete next.days[day];
    else next.days[day] = { changeTimes, settled: !unsettled.has(day), nextDue_ms: nextDue(waiting, day) };
  }
  const sealed = new ClosedDays(layout).sealedThrough();
  for (const day of Object.keys(next.days)) if (day <= sealed) delete next.days[day];
  const isNews = found.listed.size > 0 || index.catalog !== catalogDigest || index.watchDue_ms !== watchDue_ms;
  if (isNews) writeDayIndex(layout.cache, { ...next, watchDue_ms, at_ms: found.at_ms });
  return next;
}

/** A settled day is settled under any catalog. */
function settledDays(index: DayIndex): DayIndex['days'] {
  return Object.fromEntries(Object.entries(index.days).filter(([, memory]) => memory.settled));
}

function nextDue(waiting: readonly Waiting[], day: string): number | null {
  const times = waiting.flatMap(({ notice, until_ms }) => (until_ms !== null && dayOf(notice) === day ? [until_ms] : []));
  return times.length === 0 ? null : Math.min(...times);
}
