import { check } from '../model/check.ts';
import { canonicalEvent, type EventDraft, MAX_EVENT_BYTES } from '../model/event.ts';
import { shortHash } from '../model/hash.ts';
import { parseStrict, serialize } from '../model/json.ts';
import { oneLine, printable, truncate } from '../model/text.ts';
import type { JsonObject } from './json-values.ts';

// What every adapter needs in order to handle values that a stranger wrote.
export { isObject, type JsonObject, quoted } from './json-values.ts';

/** What CloudEvents forbids in a string attribute: controls, lone surrogates and noncharacters. Two of them could also hash alike. */
const FORBIDDEN_IN_ATTRIBUTE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

export function isAttributeText(text: string): boolean {
  return !FORBIDDEN_IN_ATTRIBUTE.test(text);
}

/** A stranger's text, safe to print and at most `max` UTF-16 units long; null for anything else, and for text that says nothing. */
export function textOf(value: unknown, max: number): string | null {
  return typeof value === 'string' && value.trim() !== '' ? truncate(printable(value.slice(0, 4 * max)), max) : null;
}

/** The same on one line. */
export function lineOf(value: unknown, max: number): string | null {
  const text = typeof value === 'string' ? oneLine(value.slice(0, 4 * max)) : '';
  return text === '' ? null : truncate(text, max);
}

/** What is known, without what is not. */
export function withoutNulls(facts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== undefined));
}

/** 48 bits that tell apart what was cut or replaced. */
export function fingerprint(text: string): string {
  // JSON escapes lone surrogates, which UTF-8 would all turn into the same mark.
  return shortHash(JSON.stringify(text));
}

/** Why a draft cannot become an event file: too large, unreadable once written, or against the schema; null if it can. */
export function flawOf(draft: EventDraft): string | null {
  const event = canonicalEvent(draft, 0);
  const text = serialize(event);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EVENT_BYTES) return `the event would be ${bytes} bytes long; at most ${MAX_EVENT_BYTES} are allowed`;
  // A payload that is wrapped lies one level deeper than it came in.
  const readable = parseStrict(text);
  if (!readable.ok) return `the event could not be read again: ${readable.detail}`;
  return check('event', event)?.detail ?? null;
}
