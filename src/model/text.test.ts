import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, lastPart, oneLine, printable, truncate } from './text.ts';

describe('printable', () => {
  it('lets nothing through that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this test is about
        expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    expect(printable('\u001b[2J\u009b31m')).toBe('\ufffd[2J\ufffd31m');
  });

  it('keeps words, lines and tabs', () => {
    expect(printable('größe\tλ\r\nнет')).toBe('größe\tλ\nнет');
    expect(oneLine(' a\n\tb ')).toBe('a b');
  });
});

describe('truncate', () => {
  it('cuts between graphemes and marks it', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdef', 5)).toBe('abcd…');
    const family = '👨‍👩‍👧';
    expect(truncate(`ab${family}cd`, 6)).toBe('ab…');
  });

  it('never exceeds its limit nor splits a surrogate pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 1, max: 100 }), (text, max) => {
        expect(truncate(text, max).length).toBeLessThanOrEqual(max);
        expect(truncate(text, max).isWellFormed()).toBe(true);
        expect(lastPart(text, max).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe('didYouMean', () => {
  it('finds what is near and nothing else', () => {
    expect(didYouMean('reconsile', ['reconcile', 'report'])).toBe('reconcile');
    expect(didYouMean('witin', ['within', 'when'])).toBe('within');
    expect(didYouMean('banana', ['within', 'when'])).toBeNull();
  });
});
