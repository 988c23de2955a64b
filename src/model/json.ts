import type { QuarantineReason } from './artifacts.ts';

/** Deeper than any document here needs; shallow enough for every recursive reader. */
const MAX_DEPTH = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const SUSPICIOUS = /__proto__|constructor|prototype/;
/** Two spaces a level. */
const TOO_DEEP = `\n${'  '.repeat(MAX_DEPTH)}`;

// JSON itself escapes C0 controls only; a terminal obeys C1 controls too, and people read what is reordered or hidden.
const UNSAFE = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The same JSON, with nothing in it that `cat` would pass on to a terminal as a command. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNSAFE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The bytes of an artifact: two spaces, a line each, a newline at the end, so that `git diff` reads well. */
export function serialize(document: object): string {
  return `${safeJson(document)}\n`;
}

type ParseFailure = { reason: QuarantineReason; detail: string };
export type Parsed = { ok: true; value: unknown } | ({ ok: false } & ParseFailure);

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** JSON as RFC 8259 says, and stricter: UTF-8 only, no key twice, no `__proto__`, no number beyond a double, at most 64 levels. */
export function parseStrict(input: Uint8Array | string): Parsed {
  let text: string;
  try {
    text = typeof input === 'string' ? input : utf8.decode(input);
  } catch {
    return { ok: false, reason: 'not_utf8', detail: 'the bytes are not valid UTF-8' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: 'not_json', detail: describeSyntaxError(error, text) };
  }
  if (isOurSpelling(text, value)) return { ok: true, value };
  const failure = inspectValidJson(text);
  return failure ? { ok: false, ...failure } : { ok: true, value };
}

/**
 * Whether this is what {@link serialize} makes of the value: then no key stands twice in it and no number has lost anything, which is
 * found far sooner in this way. What would be refused all the same is left to the walk.
 */
function isOurSpelling(text: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || text.includes(TOO_DEEP) || SUSPICIOUS.test(text)) return false;
  try {
    return serialize(value) === text;
  } catch {
    // Nested so deeply, in another spelling, that it cannot be spelled at all.
    return false;
  }
}

function describeSyntaxError(error: unknown, text: string): string {
  if (text.trim() === '') return 'the file is empty';
  // V8 quotes the input in its message; only its first words are wanted, and no bytes of the input.
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message);
  if (position) {
    const before = text.slice(0, Number(position[1]));
    const line = before.split('\n').length;
    return `not JSON at line ${line}, column ${before.length - before.lastIndexOf('\n')}`;
  }
  return /end of (JSON )?input/i.test(message) ? 'not JSON: the text ends too early' : 'not JSON';
}

/** One walk over text that JSON.parse has accepted: keys per object, depth, and numbers that overflow. */
function inspectValidJson(text: string): ParseFailure | null {
  const objects: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) {
      const start = i;
      for (i++; text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
      const keys = objects[objects.length - 1];
      if (!expectKey || !keys) continue;
      expectKey = false;
      const key = JSON.parse(text.slice(start, i + 1)) as string;
      if (FORBIDDEN_KEYS.has(key)) return { reason: 'forbidden_key', detail: `the key ${key} is not allowed` };
      if (keys.has(key)) return { reason: 'duplicate_key', detail: `the key ${JSON.stringify(key.slice(0, 80))} stands twice in one object` };
      keys.add(key);
    } else if (char === 0x7b || char === 0x5b) {
      objects.push(char === 0x7b ? new Set() : null);
      expectKey = char === 0x7b;
      if (objects.length > MAX_DEPTH) return { reason: 'too_deep', detail: `nested more than ${MAX_DEPTH} levels deep` };
    } else if (char === 0x7d || char === 0x5d) {
      objects.pop();
      expectKey = false;
    } else if (char === 0x2c) {
      expectKey = objects[objects.length - 1] != null;
    } else if ((char >= 0x30 && char <= 0x39) || char === 0x2d) {
      const start = i;
      while (/[-+.\deE]/.test(text[i + 1] ?? '')) i++;
      if (!Number.isFinite(Number(text.slice(start, i + 1)))) return { reason: 'not_finite', detail: 'a number is larger than a double can hold' };
    }
  }
  return null;
}
