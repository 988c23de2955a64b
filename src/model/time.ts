const UNIT_MS: Record<string, number> = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const DURATION_PART = /(\d+)(ms|[wdhms])/g;
const DURATION = /^(?=\d)(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

/** Ten years: longer than any sensible deadline, short enough that sums of times stay valid dates. */
const MAX_DURATION_MS = 3_650 * 86_400_000;

/** `1h30m` in milliseconds, or null if it is no duration (Prometheus notation) or longer than ten years. */
export function parseDurationMs(text: string): number | null {
  if (!DURATION.test(text)) return null;
  let total_ms = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) total_ms += Number(amount) * (UNIT_MS[unit as string] as number);
  return total_ms <= MAX_DURATION_MS ? total_ms : null;
}

/** A length of time for people: `45s`, `12m`, `3h 5m`, `2d 4h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${minutes % 60}m`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days}d` : `${days}d ${hours % 24}h`;
}

/** The same moment is written many times over, and spelling it takes longer than most of what is done with it. */
let last = { ms: 0, text: '1970-01-01T00:00:00.000Z' };

/** RFC 3339 in UTC with milliseconds: the only way in which artifacts write a time. */
export function formatTime(ms: number): string {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}

/** Milliseconds since the epoch of any RFC 3339 time in the years 0001 to 9999, or null. Refuses days that do not exist (30 February). */
export function parseTime(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return null;
  const [, year, month, day] = match.map(Number);
  const exists = new Date(Date.UTC(2000, Number(month) - 1, 1));
  exists.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (exists.getUTCMonth() !== Number(month) - 1 || exists.getUTCDate() !== Number(day)) return null;
  const ms = Date.parse(text.toUpperCase());
  if (Number.isNaN(ms)) return null;
  const utcYear = new Date(ms).getUTCFullYear();
  return utcYear >= 1 && utcYear <= 9999 ? ms : null;
}
