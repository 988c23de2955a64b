import { RE2JS } from 're2js';
import { messageOf } from './errors.ts';

/** Longest pattern, in UTF-16 units; longer ones take noticeable time to compile. */
const MAX_PATTERN_LENGTH = 1000;

/** A regular expression whose matching time grows with the length of the text, whatever the pattern. */
interface Pattern {
  /** True if the pattern matches anywhere in the text. */
  test(text: string): boolean;
}

export type CompiledPattern = { ok: true; pattern: Pattern } | { ok: false; message: string; offset: number };

/**
 * Compiles a pattern in the syntax of RE2, which CEL prescribes: no back-references, no look-around. JavaScript's own
 * engine backtracks, and data of unknown origin could hold it up for hours.
 */
export function compilePattern(source: string): CompiledPattern {
  if (source.length > MAX_PATTERN_LENGTH) return { ok: false, message: `the pattern is longer than ${MAX_PATTERN_LENGTH} characters`, offset: 0 };
  try {
    const compiled = RE2JS.compile(source);
    return { ok: true, pattern: { test: (text) => compiled.test(text) } };
  } catch (error) {
    return { ok: false, message: messageOf(error), offset: 0 };
  }
}
