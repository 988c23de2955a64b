import { formatTime, parseTime } from '../model/time.ts';
import { isAttributeText, type JsonObject, quoted } from './foreign.ts';

// Reading single values out of objects that a stranger wrote.

/** Nothing that is reported happened before 1 January 2000; Go and others write a year 1 where there is no time. */
const FIRST_MS = Date.UTC(2000, 0, 1);

export type Read<T> = { ok: true; value: T } | { ok: false; reason: string };

export const unreadable = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/** A name that identifies something: taken exactly as it is, or not at all. */
export function nameOf(value: unknown, max: number, what: string): Read<string> {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= max && isAttributeText(value)) return { ok: true, value };
  return unreadable(`${what} must be text of 1 to ${max} characters without controls, found ${quoted(value)}`);
}

/** A number that identifies something: beyond 2^53 two of them could be read as the same. */
export function numberOf(value: unknown, what: string): Read<number> {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return { ok: true, value };
  return unreadable(`${what} must be a whole number above 0, found ${quoted(value)}`);
}

/** An RFC 3339 time as artifacts write it: UTC with milliseconds. */
export function timeOf(value: unknown, what: string): Read<string> {
  const ms = typeof value === 'string' ? parseTime(value) : null;
  if (ms !== null && ms >= FIRST_MS) return { ok: true, value: formatTime(ms) };
  return unreadable(`${what} must be a time as in 2026-11-22T03:00:00Z, found ${quoted(value)}`);
}

/** The first keys of an object, for a reason that says what was found instead. */
export function keysOf(object: JsonObject): string {
  const keys = Object.keys(object).slice(0, 8).map(quoted).join(', ');
  return keys === '' ? 'an empty object' : `an object with ${keys}`;
}
