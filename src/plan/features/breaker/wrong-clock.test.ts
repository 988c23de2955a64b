import { describe, expect, it } from 'vitest';
import { askedToWait, circuitOf } from './index.ts';

const NOW_MS = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;
const BREAKER = { failures: 2, pause_ms: 60_000 };

const failuresAt = (...times_ms: number[]) => times_ms.map((at_ms, i) => ({ notice: String(i), at_ms, retryAfter_ms: at_ms + 120_000 }));
const circuitAt = (...times_ms: number[]) => circuitOf({ failures: failuresAt(...times_ms), successAfter: () => null }, BREAKER, NOW_MS).state;

describe('failures that a clock wrote down that has been put right since', () => {
  it('open no circuit', () => {
    expect(circuitAt(NOW_MS + DAY_MS, NOW_MS + DAY_MS)).toBe('closed');
    expect(circuitAt(NOW_MS + DAY_MS, NOW_MS - 1)).toBe('closed');
  });

  it('and what a receiver asked for then is not waited for', () => {
    expect(askedToWait({ failures: failuresAt(NOW_MS + DAY_MS) }, NOW_MS)).toBeNull();
  });

  it('are told from those of another machine, whose clock is a little ahead', () => {
    expect(circuitAt(NOW_MS + 50_000, NOW_MS - 1)).toBe('open');
    expect(askedToWait({ failures: failuresAt(NOW_MS + 50_000) }, NOW_MS)).toBe(NOW_MS + 170_000);
  });
});
