import type { LoadRequest } from '../store/load.ts';
import type { Survey } from '../store/survey.ts';

/** Events (with all that follows from them) between two barriers. */
export const BATCH = 128;

/** Recovery first: what was begun before comes to its end before anything new begins. */
export function batches(
  { open, unproved }: Pick<Survey, 'open' | 'unproved'>,
  unverified: readonly string[],
  undecided: readonly string[],
): LoadRequest[] {
  const requests: LoadRequest[] = [];
  const part = <T>(items: readonly T[], start: number): T[] => items.slice(start, start + BATCH);
  for (let i = 0; i < Math.max(open.length, unverified.length, unproved.length); i += BATCH) {
    requests.push({ open: part(open, i), unverified: part(unverified, i), unproved: part(unproved, i), undecided: [] });
  }
  for (let i = 0; i < undecided.length; i += BATCH) requests.push({ open: [], unverified: [], unproved: [], undecided: part(undecided, i) });
  return requests;
}
