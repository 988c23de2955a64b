import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptFor, NOTICE } from '../../test/support/loopback-attempt.ts';
import type { Attempt } from '../model/outcome.ts';
import { ESCAPES } from './http/escape.ts';
import { cut, MEASURES, messageText } from './message.ts';

const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
const TAG = `[rg:${NOTICE.id}]`;
const LINK = 'https://rgov.example.com/ack?t=abc_def';

const attemptOf = (title: string, text: string, acknowledgeUrl?: string): Attempt =>
  attemptFor({ notice: { ...NOTICE, title, text }, ...(acknowledgeUrl === undefined ? {} : { acknowledgeUrl }) });

/** What stands between title and tag. */
const textOf = (message: string): string => message.split('\n\n')[1] ?? '';
const graphemes = (text: string): string[] => [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(({ segment }) => segment);

describe('a message', () => {
  it('is title, text, link and tag', () => {
    expect(messageText(attemptOf('Title', 'Text\nof two lines\n', LINK), { max: 1000 })).toBe(
      `Title\n\nText\nof two lines\n\nAcknowledge: ${LINK}\n\n${TAG}`,
    );
  });

  it('has no part that there is nothing to say in', () => {
    expect(messageText(attemptOf('Title', ''), { max: 1000 })).toBe(`Title\n\n${TAG}`);
    expect(messageText(attemptOf('Title', 'Text'), { max: 1000, withTitle: false })).toBe(`Text\n\n${TAG}`);
  });

  it('is left as it is where it just fits', () => {
    const whole = messageText(attemptOf('Title', 'x'.repeat(100)), { max: 10_000 });
    expect(messageText(attemptOf('Title', 'x'.repeat(100)), { max: whole.length })).toBe(whole);
    expect(messageText(attemptOf('Title', 'x'.repeat(100)), { max: whole.length - 1 })).toBe(`Title\n\n${'x'.repeat(98)}\u2026\n\n${TAG}`);
  });

  it.each<[keyof typeof MEASURES, number]>([
    ['units', FAMILY.length],
    ['characters', [...FAMILY].length],
    ['bytes', Buffer.byteLength(FAMILY)],
  ])('is cut between families, never through one, when it is measured in %s', (name, each) => {
    const measure = MEASURES[name];
    const rest = measure(messageText(attemptOf('T', ''), { max: 1000, measure })) + 2 + measure('\u2026');
    for (let more = 0; more < each; more++) {
      const message = messageText(attemptOf('T', FAMILY.repeat(50)), { max: rest + 10 * each + more, measure });
      expect(textOf(message)).toBe(`${FAMILY.repeat(10)}\u2026`);
    }
  });

  it('keeps letters and their marks together', () => {
    const text = textOf(messageText(attemptOf('T', 'e\u0301'.repeat(200)), { max: 200 }));
    expect(text).toMatch(/^(e\u0301)+\u2026$/);
  });

  it('cuts the title only where all the text has gone', () => {
    const { length } = messageText(attemptOf('T'.repeat(50), ''), { max: 1000 });
    const message = messageText(attemptOf('T'.repeat(50), 'a text that has no room'), { max: length - 10 });
    expect(message).toBe(`${'T'.repeat(39)}\u2026\n\n${TAG}`);
  });

  it('is measured as it goes out, escaped', () => {
    const message = messageText(attemptOf('<T>', '&'.repeat(500)), { max: 300, measure: MEASURES.bytes, escape: ESCAPES.html });
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(300);
    expect(message).toMatch(/^&lt;T&gt;\n\n(&amp;)+\u2026\n\n\[rg:/);
  });

  it('never exceeds its limit, and always keeps link and tag', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(FAMILY, 'e\u0301', '\ud800', '<&>', '\n\n', ' ', '_*['),
    );
    const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
    const measures = fc.constantFrom(...Object.values(MEASURES));
    const escapings = fc.constantFrom(ESCAPES.none, ESCAPES.html, ESCAPES.markdown);
    fc.assert(
      fc.property(
        text,
        text,
        fc.option(fc.constant(LINK), { nil: undefined }),
        measures,
        escapings,
        fc.integer({ min: 170, max: 600 }),
        (title, body, link, measure, escaped, max) => {
          const message = messageText(attemptOf(title, body, link), { max, measure, escape: escaped });
          expect(measure(message)).toBeLessThanOrEqual(max);
          expect(message.endsWith(escaped(TAG))).toBe(true);
          if (link !== undefined) expect(message).toContain(escaped(`Acknowledge: ${LINK}`));
          expect(message.isWellFormed()).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a text by itself', () => {
  it.each<[string, number, keyof typeof MEASURES, string]>([
    ['short', 5, 'units', 'short'],
    ['longer', 5, 'units', 'long\u2026'],
    [`${FAMILY}${FAMILY}`, 15, 'units', `${FAMILY}\u2026`],
    [`${FAMILY}${FAMILY}`, 6, 'characters', `${FAMILY}\u2026`],
    [`${FAMILY}${FAMILY}`, 21, 'bytes', `${FAMILY}\u2026`],
    [`${FAMILY}${FAMILY}`, 20, 'bytes', '\u2026'],
    ['\u00fc\u00fc\u00fc\u00fc', 7, 'bytes', '\u00fc\u00fc\u2026'],
  ])('%s is cut to %i %s', (text, max, measure, expected) => {
    expect(cut(text, { max, measure: MEASURES[measure] })).toBe(expected);
  });

  it('is the longest that fits', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.integer({ min: 4, max: 60 }),
        fc.constantFrom(...Object.values(MEASURES)),
        (text, max, measure) => {
          const short = cut(text, { max, measure });
          expect(measure(short)).toBeLessThanOrEqual(max);
          if (short === text) return;
          expect(text.startsWith(short.slice(0, -1))).toBe(true);
          const kept = graphemes(short.slice(0, -1)).length;
          const more = graphemes(text)
            .slice(0, kept + 1)
            .join('');
          expect(measure(`${more}\u2026`)).toBeGreaterThan(max);
        },
      ),
    );
  });
});
