import { describe, expect, it } from 'vitest';
import { type PassRecord, watchAge } from '../../src/run/last-pass.ts';
import { NOON_MS } from '../support/world.ts';

const MINUTE_MS = 60_000;
const pass = (finished_ms: number): PassRecord => {
  const time = new Date(finished_ms).toISOString();
  return { startedAt: time, finishedAt: time, nextDue: null };
};

describe('somebody still watches', () => {
  it.each([
    ['just now', 0, 0],
    ['a moment before the limit', -10 * MINUTE_MS + 1, 10 * MINUTE_MS - 1],
    ['a little in the future, by the clock of another machine', MINUTE_MS, 0],
  ])('if a pass completed %s', (_, offset_ms, age_ms) => {
    expect(watchAge(pass(NOON_MS + offset_ms), 10 * MINUTE_MS, NOON_MS)).toEqual({
      maxAge_ms: 10 * MINUTE_MS,
      age_ms,
      late: false,
      detail: '',
    });
  });
});

describe('nobody watches any more', () => {
  it.each<[string, PassRecord | null, number | null, string]>([
    ['if none ever completed', null, null, 'no pass has completed here yet; at most 10m may lie between passes'],
    [
      'if the last one is as old as allowed',
      pass(NOON_MS - 10 * MINUTE_MS),
      10 * MINUTE_MS,
      'no pass has completed for 10m; at most 10m may lie between passes',
    ],
    ['if it is much older', pass(NOON_MS - 180 * MINUTE_MS), 180 * MINUTE_MS, 'no pass has completed for 3h; at most 10m may lie between passes'],
    [
      'if its record lies in the future',
      pass(NOON_MS + 2 * MINUTE_MS),
      null,
      'the last pass is recorded 2m in the future (2026-11-22T12:02:00.000Z): a clock was wrong then or is now, so nobody knows when it was',
    ],
  ])('%s', (_, record, age_ms, detail) => {
    expect(watchAge(record, 10 * MINUTE_MS, NOON_MS)).toEqual({ maxAge_ms: 10 * MINUTE_MS, age_ms, late: true, detail });
  });
});
