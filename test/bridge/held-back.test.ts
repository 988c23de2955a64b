import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holdsOf } from '../../src/run/held-back.ts';
import { nextTurnAt, takeTurn } from '../../src/store/rate.ts';
import { catalogOf, failedRun, NOON_MS, resolvedSender, World } from '../support/world.ts';

let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

const RATE = { count: 2, per_ms: 60_000 };
const catalogWith = (parts: Parameters<typeof resolvedSender>[0]) => catalogOf({ senders: { hook: resolvedSender(parts) } });
const heldAt = (catalog: ReturnType<typeof catalogOf>, now_ms: number): string | null =>
  holdsOf({ root: world.root, layout: world.layout, catalog }, now_ms)('hook');
const failures = (n: number) => Array.from({ length: n }, (_, i) => failedRun(String(i), { subject: `job/${i}` }));

it('says when the next turns may be taken, and takes none', () => {
  expect(nextTurnAt(world.layout, 'hook', RATE, 0, NOON_MS)).toBeNull();
  expect(nextTurnAt(world.layout, 'hook', RATE, 1, NOON_MS)).toBeNull();
  expect(nextTurnAt(world.layout, 'hook', RATE, 2, NOON_MS)).toBe(NOON_MS + 60_000);
  expect(takeTurn(world.layout, 'hook', RATE, NOON_MS)).toBeNull();
  expect(takeTurn(world.layout, 'hook', RATE, NOON_MS + 10_000)).toBeNull();
  expect(nextTurnAt(world.layout, 'hook', RATE, 0, NOON_MS + 20_000)).toBe(NOON_MS + 60_000);
  expect(nextTurnAt(world.layout, 'hook', RATE, 1, NOON_MS + 20_000)).toBe(NOON_MS + 70_000);
  expect(nextTurnAt(world.layout, 'hook', RATE, 0, NOON_MS + 60_000)).toBeNull();
  expect(readdirSync(join(world.layout.rates, 'hook'))).toHaveLength(2);
});

it('names a rate that is used up, and nothing once it is not', async () => {
  const catalog = catalogWith({ rate: RATE });
  await world.record(failures(3));
  const report = await world.pass({ catalog });
  expect(report.receipts).toHaveLength(2);
  expect(heldAt(catalog, NOON_MS + 1)).toBe('the rate of its sender is used up: again at 2026-11-22T12:01:00.000Z');
  expect(heldAt(catalog, NOON_MS + 60_000)).toBeNull();
});

it('names an open breaker', async () => {
  const catalog = catalogWith({ breaker: { failures: 3, pause_ms: 60_000 } });
  await world.record(failures(3));
  await world.pass({ catalog, send: () => ({ kind: 'retryable', reason: 'HTTP 503' }) });
  expect(heldAt(catalog, NOON_MS + 1)).toContain('circuit breaker of its sender is open');
  expect(heldAt(catalog, NOON_MS + 60_000)).toBeNull();
});

it('names what a receiver asked for', async () => {
  const catalog = catalogWith({});
  await world.record(failures(1));
  await world.pass({ catalog, send: () => ({ kind: 'retryable', reason: 'HTTP 429', retryAfter_ms: 3_600_000 }) });
  expect(heldAt(catalog, NOON_MS + 1)).toBe('its receiver asked to be left alone: again at 2026-11-22T13:00:00.000Z');
  expect(heldAt(catalog, NOON_MS + 3_600_000)).toBeNull();
});
