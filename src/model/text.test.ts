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

  it('finds the same graphemes in plain text as in any other', () => {
    const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const unit = fc.constantFrom('a', 'B', '7', ' ', '\n', '\r\n', '\t', '~', 'e\u0301', '\u00e9', '\u{1f468}\u200d\u{1f469}');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (units, max) => {
        const text = units.join('');
        const kept = truncate(text, max).replace(/…$/, '');
        const ends = [...graphemes.segment(text)].map(({ index, segment }) => index + segment.length);
        expect(kept).toBe(text.length <= max ? text : text.slice(0, ends.findLast((end) => end <= max - 1) ?? 0));
      }),
      { numRuns: 1000 },
    );
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
