/** Two clocks that are right, or nearly so, differ by less than this, in milliseconds. */
const SKEW_MS = 60_000;

/** Whether a time was written down by a clock that has been put right since: whatever follows from it is not waited for. */
export const isOfWrongClock = (written_ms: number, now_ms: number): boolean => written_ms > now_ms + SKEW_MS;
