import type { Expectation } from '../../model/catalog.ts';
import { formatTime } from '../../model/time.ts';
import type { Finding } from './findings.ts';
import type { Watch } from './index.ts';
import { expectationKey, type UnjudgedOutput, type WatchState } from './state.ts';

/** A file that fits the pattern: the newest of them. */
export interface SeenOutput {
  path: string;
  bytes: number;
  changed_ms: number;
}

/** Clocks of file systems are coarse: a file may seem this much older than the moment in which it was written. */
const COARSE_CLOCK_MS = 2_000;

export interface OutputQuestion {
  expectation: Expectation;
  unjudged: UnjudgedOutput;
}

/** Every output that somebody has to look for. */
export function outputQuestions(state: WatchState, watch: Watch): OutputQuestion[] {
  return watch.expectations.flatMap((expectation) =>
    (state[expectationKey(expectation)]?.unjudged ?? []).map((unjudged) => ({ expectation, unjudged })),
  );
}

/** Whether a file is the output that was declared. */
function isOutput({ expectation, unjudged }: OutputQuestion, { bytes, changed_ms }: SeenOutput): boolean {
  const { newerThan_ms } = unjudged;
  return bytes >= (expectation.produces?.minBytes ?? 0) && (newerThan_ms === null || changed_ms >= newerThan_ms - COARSE_CLOCK_MS);
}

/**
 * A success is proven as soon as its output is seen, and unproven when the time for it is over; null while it may still
 * come. Whatever is judged is not asked again. `seen` are the files that fit the pattern, in any order.
 */
export function judgeOutput(question: OutputQuestion, seen: readonly SeenOutput[], state: WatchState, now_ms: number): Finding | null {
  const { expectation, unjudged } = question;
  const { subject, run, word, until_ms, newerThan_ms } = unjudged;
  const good = seen.find((file) => isOutput(question, file));
  if (!good && now_ms < until_ms) return null;
  const own = state[expectationKey(expectation)];
  if (own) own.unjudged = own.unjudged.filter((item) => item.word.name !== word.name);
  const judged = { expectation, subject, run, word };
  if (good) {
    const detail = `${good.path}, ${good.bytes} bytes, changed at ${formatTime(good.changed_ms)}`;
    return { kind: 'proven', ...judged, at_ms: word.time_ms, detail };
  }
  const { path = '', minBytes = 0 } = expectation.produces ?? {};
  const wanted = `one that fits ${path}, of at least ${minBytes} bytes${newerThan_ms === null ? '' : `, changed since ${formatTime(newerThan_ms)}`}`;
  const newest = [...seen].sort((a, b) => b.changed_ms - a.changed_ms)[0];
  const found = newest ? `the newest file is ${newest.path}, ${newest.bytes} bytes, changed at ${formatTime(newest.changed_ms)}` : 'no file at all';
  return { kind: 'unproven', ...judged, at_ms: until_ms, detail: `${found}; wanted is ${wanted}` };
}
