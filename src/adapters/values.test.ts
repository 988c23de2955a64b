import { expect, test } from 'vitest';
import { lineOf, withoutNulls } from './foreign.ts';
import { keysOf, nameOf, numberOf, timeOf } from './values.ts';

test('texts for people are cleaned and cut; a text of blanks is none', () => {
  expect(lineOf('a\u001b[2J\n b', 100)).toBe('a\ufffd[2J b');
  expect(lineOf('x'.repeat(10_000), 50)).toHaveLength(50);
  for (const value of ['', ' \n', null, 7, {}]) expect(lineOf(value, 100)).toBeNull();
});

test('names and numbers that identify are taken exactly or not at all', () => {
  expect(nameOf(' a ', 3, 'x')).toEqual({ ok: true, value: ' a ' });
  for (const value of ['', ' ', 'abcd', 'a\u0000', '\ud800', 7, null]) expect(nameOf(value, 3, 'x').ok).toBe(false);
  expect(numberOf(1, 'x')).toEqual({ ok: true, value: 1 });
  for (const value of [0, -1, 0.5, 2 ** 53, '1', null]) expect(numberOf(value, 'x').ok).toBe(false);
});

test('times in any zone become one form; what only stands for no time is none', () => {
  expect(timeOf('2026-11-22T04:00:00.5+01:00', 'x')).toEqual({ ok: true, value: '2026-11-22T03:00:00.500Z' });
  for (const value of ['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-11-22', 1795316400, null]) {
    expect(timeOf(value, 'x').ok).toBe(false);
  }
});

test('facts that are there, and keys that were found', () => {
  expect(withoutNulls({ a: null, b: undefined, c: 0, d: '' })).toEqual({ c: 0, d: '' });
  expect(keysOf({})).toBe('an empty object');
  expect(keysOf({ 'a\u001b': 1 })).toBe('an object with "a\ufffd"');
});
