import type { RetryPolicy } from '../model/catalog.ts';
import { sha256 } from '../model/hash.ts';

/** No receiver may put a notice off for longer than a day with Retry-After. */
const RETRY_AFTER_MAX_MS = 86_400_000;

/**
 * Milliseconds until the next attempt: exponential in the attempts on this way (`tries`), with up to half of it taken off as jitter. The jitter follows
 * from the notice and the attempt, so that a replay gives the same times. What the receiver asked for is a lower bound.
 */
export function retryDelayMs(attempt: { notice: string; number: number; tries: number }, retry: RetryPolicy, retryAfter_ms = 0): number {
  const { notice, number, tries } = attempt;
  const full_ms = Math.min(retry.max_ms, retry.initial_ms * retry.factor ** (tries - 1));
  const fraction = Number.parseInt(sha256(`${notice}.${number}`).slice(0, 8), 16) / 0xffffffff;
  return Math.round(Math.max(full_ms * (1 - fraction / 2), Math.min(retryAfter_ms, RETRY_AFTER_MAX_MS)));
}
