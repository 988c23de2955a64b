import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationMs, parseTime } from './time.ts';

describe('parseDurationMs', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1w', 604_800_000],
    ['250ms', 250],
    ['1m5ms', 60_005],
    ['', null],
    ['5', null],
    ['1.5h', null],
    ['-1h', null],
    ['30m1h', null],
    ['1h 30m', null],
    ['99999w', null],
  ])('%s is %s', (text, expected) => expect(parseDurationMs(text)).toBe(expected));
});

describe('parseTime', () => {
  it.each([
    ['2026-11-22T03:00:00Z', '2026-11-22T03:00:00.000Z'],
    ['2026-11-22T03:00:00.5+01:00', '2026-11-22T02:00:00.500Z'],
    ['2026-11-22t03:00:00z', '2026-11-22T03:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => expect(new Date(parseTime(text) as number).toISOString()).toBe(expected));

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-22T25:00:00Z',
    '2026-11-22',
    '2026-11-22T03:00:00',
    'now',
    '',
  ])('refuses %j', (text) => expect(parseTime(text)).toBeNull());
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [59_400, '59s'],
    [60_000, '1m'],
    [3_600_000, '1h'],
    [11_100_000, '3h 5m'],
    [86_400_000, '1d'],
    [187_200_000, '2d 4h'],
    [-5, '0s'],
  ])('%d is %s', (ms, expected) => expect(formatDuration(ms)).toBe(expected));
});
