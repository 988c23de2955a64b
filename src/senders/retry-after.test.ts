import { expect, it } from 'vitest';
import { boundedDelay_ms, MAX_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';

const NOW = Date.parse('1994-11-06T08:49:00Z');

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  // Past: at once.
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ['999999999999999999999', MAX_RETRY_AFTER_MS],
  ['Sun, 06 Nov 2094 08:49:37 GMT', MAX_RETRY_AFTER_MS],
  ['-5', undefined],
  ['soon', undefined],
  ['1.5', undefined],
  ['Sun, 99 Nov 1994 08:49:37 GMT', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads Retry-After: %s', (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});

it.each([
  [1.5, 1_500],
  [Number.POSITIVE_INFINITY, MAX_RETRY_AFTER_MS],
  [-1, undefined],
  [Number.NaN, undefined],
  ['30', undefined],
])('bounds a delay of %s seconds', (seconds, expected) => {
  expect(boundedDelay_ms(seconds)).toBe(expected);
});
