import { ClosedDays } from '../store/closed-days.ts';
import type { Layout } from '../store/layout.ts';
import { hasToReadAtMost } from '../store/sealed-cache.ts';
import { SealedEvents } from '../store/sealed-events.ts';
import { lateWords } from './late-words.ts';
import { SEALED_STATUS, sealedDayReports } from './status-day.ts';

/** Where a cache was thrown away, a pass does not read a year again: whoever asks for it does. */
const MOST_DAYS = 14;

/** Takes in what will be asked of the days that were sealed just now: their files lie loose still, and reading them out of archives takes far longer. */
export function rememberSealedDays(layout: Layout): void {
  if (!hasToReadAtMost(layout, SEALED_STATUS, MOST_DAYS)) return;
  sealedDayReports(layout);
  lateWords(layout);
  new SealedEvents(layout).among([], new ClosedDays(layout).sealedThrough());
}
