/** A receiver may ask for a day of patience at most; beyond that its wish would outlive every deadline. */
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/** RFC 9110, section 5.6.7: the preferred form and the two old ones, all of them in UTC. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .{10,40}$/;

/** Seconds as somebody else named them, in milliseconds between 0 and a day; undefined if they make no sense. */
export function boundedDelay_ms(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' || Number.isNaN(seconds) || seconds < 0) return undefined;
  return Math.round(Math.min(seconds * 1000, MAX_RETRY_AFTER_MS));
}

/** The header `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date that counts from `now_ms`. Undefined where there is none to understand. */
export function parseRetryAfter(header: string | undefined, now_ms: number): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return boundedDelay_ms(Number(value));
  if (!HTTP_DATE.test(value)) return undefined;
  const date_ms = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(date_ms) ? undefined : boundedDelay_ms(Math.max(0, date_ms - now_ms) / 1000);
}
