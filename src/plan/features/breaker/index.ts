import type { ResolvedSender } from '../../../model/catalog.ts';
import { isOfWrongClock } from '../../../model/clock.ts';

/** The last attempt of one notice through one sender, where it failed. */
interface SenderFailure {
  notice: string;
  at_ms: number;
  /** Until when the receiver asked to be left alone; null if it did not. */
  retryAfter_ms: number | null;
}

/** What is on disk about the recent attempts of one sender. */
export interface SenderHistory {
  /** Of different notices. */
  failures: readonly SenderFailure[];
  /** When something got through last, after that moment; null if nothing did. Asked only if there are failures enough. */
  successAfter(since_ms: number): number | null;
}

export type Circuit =
  | { state: 'closed' }
  /** Nothing is sent until then. */
  | { state: 'open'; until_ms: number }
  /** One attempt may try whether it goes again. */
  | { state: 'half_open' };

/** Failures that lie further back say nothing of now. */
const MEMORY_MS = 3_600_000;
const MEMORY_PAUSES = 10;

/** Whether anything may go out through a sender, going by what became of its last attempts. */
export function circuitOf(
  { failures, successAfter }: SenderHistory,
  { failures: most, pause_ms }: ResolvedSender['breaker'],
  now_ms: number,
): Circuit {
  const since_ms = now_ms - Math.max(MEMORY_MS, MEMORY_PAUSES * pause_ms);
  const times = failures.map(({ at_ms }) => at_ms).filter((at_ms) => at_ms >= since_ms && !isOfWrongClock(at_ms, now_ms));
  if (times.length < most) return { state: 'closed' };
  times.sort((a, b) => b - a);
  const success_ms = successAfter(times[most - 1] as number);
  const inARow = success_ms === null ? times : times.filter((at_ms) => at_ms > success_ms);
  if (inARow.length < most) return { state: 'closed' };
  const until_ms = (times[0] as number) + pause_ms;
  return until_ms > now_ms ? { state: 'open', until_ms } : { state: 'half_open' };
}

/** Until when a receiver asked to be left alone; null if that is over, or it never did. */
export function askedToWait({ failures }: Pick<SenderHistory, 'failures'>, now_ms: number): number | null {
  const asked = failures.filter(({ at_ms }) => !isOfWrongClock(at_ms, now_ms));
  const until_ms = Math.max(0, ...asked.map(({ retryAfter_ms }) => retryAfter_ms ?? 0));
  return until_ms > now_ms ? until_ms : null;
}
