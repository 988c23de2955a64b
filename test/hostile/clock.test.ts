import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/artifacts.ts';
import { eventName } from '../../src/model/names.ts';
import { recordAll } from '../../src/run/record.ts';
import { Publisher } from '../../src/store/publish.ts';
import { catalogOf, failedRun, NOON_MS, notifyRule, type Script, World } from '../support/world.ts';

const DAY_MS = 86_400_000;
let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

const notNow: Script = () => ({ kind: 'retryable', reason: 'not now' });
const sentNumbers = (): number[] => world.sent.map(({ number }) => number);
const acked = (): string[] => world.paths().filter((path) => path.endsWith('.acked.json'));

describe('a clock that jumps around a retry', () => {
  it.each([-400, -1, 1, 400])('by %d days repeats no attempt, and sends in the end', async (days) => {
    await world.record([failedRun('1')]);
    const put = await world.pass({ send: notNow });
    const due_ms = put.nextDue_ms as number;
    for (const now_ms of [due_ms - 1, NOON_MS + days * DAY_MS, NOON_MS - 1, due_ms, due_ms + 1, NOON_MS - days * DAY_MS])
      await world.pass({ nonce: String(now_ms), now_ms });
    await world.pass({ nonce: 'z', now_ms: NOON_MS + 1000 * DAY_MS });
    expect(sentNumbers()).toEqual([1, 2]);
    expect(acked()).toHaveLength(1);
  });

  it('back after it put an attempt off: nobody waits for a time that was a mistake', async () => {
    await world.record([failedRun('1')]);
    await world.pass({ now_ms: NOON_MS + 400 * DAY_MS, send: notNow });
    await world.pass({ nonce: 'b', now_ms: NOON_MS + 1 });
    expect(sentNumbers()).toEqual([1, 2]);
    expect(acked()).toHaveLength(1);
  });

  it('backwards while an attempt is under way does not end that attempt', async () => {
    await world.record([failedRun('1')]);
    let release = (): void => {};
    const first = world.pass({
      nonce: 'a',
      send: () => new Promise((resolve) => (release = () => resolve({ kind: 'proved', level: 'accepted', reference: 'x' }))),
    });
    await expect.poll(() => world.sent.length).toBe(1);
    for (const days of [-3000, 3000]) await world.pass({ nonce: `b${days}`, now_ms: NOON_MS + days * DAY_MS, livenessOf: () => 'alive' });
    release();
    await first;
    expect(sentNumbers()).toEqual([1]);
    expect(acked()).toHaveLength(1);
  });
});

describe('an event', () => {
  const record = (time: string, now_ms = NOON_MS) =>
    recordAll(world.layout, new Publisher(world.layout, 'emitter'), [failedRun(time, { time })], now_ms);

  it.each([
    '0001-01-01T00:00:00Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00Z',
    '2026-11-23T11:59:59Z',
    '2026-11-23T00:00:00.000Z',
    '2026-11-22T23:59:59.999Z',
  ])('of %s reaches its receipt, in the folder of its own day', async (time) => {
    expect(await record(time)).toMatchObject([{ status: 'recorded' }]);
    await world.pass();
    expect(acked()).toHaveLength(1);
    expect(acked()[0]).toContain(`receipts/${time.slice(0, 10)}/`);
  });

  it.each([
    '0000-12-31T23:59:59Z',
    '9999-12-31T23:59:59Z',
    '2026-11-23T12:00:01Z',
    '2026-02-30T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '2026-11-22T24:00:01Z',
    '2026-11-22',
    'tomorrow',
  ])('of %s is refused', async (time) => {
    const [result] = await record(time);
    expect(result).toMatchObject({ status: 'rejected' });
    expect(world.paths()).toEqual([]);
  });

  it('that happened across midnight of another zone lies in the folder of the UTC day', async () => {
    await record('2026-11-23T00:30:00+01:00');
    await world.pass();
    expect(acked()[0]).toContain('receipts/2026-11-22/20261122T233000.000Z_');
  });

  it('and another one in the same millisecond are two', async () => {
    await world.record([failedRun('1'), failedRun('2')]);
    await world.pass();
    expect(acked()).toHaveLength(2);
  });

  it.each(['0001-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z', '9998-12-31T00:00:00.000Z'])(
    'of %s that somebody put there stops nothing',
    async (time) => {
      const document: Event = {
        specversion: '1.0',
        id: 'planted',
        source: 'elsewhere',
        type: 'run.failed',
        subject: 'job/planted',
        time,
        recordedtime: time,
        severity: 'error',
        provenance: 'asserted',
      };
      world.write(`events/${time.slice(0, 10)}/${eventName(document)}.json`, JSON.stringify(document));
      await world.record([failedRun('1')]);
      const catalog = catalogOf({ rules: [notifyRule({ dedupe: { key: 'event.subject', window: '3650d', window_ms: 3_650 * DAY_MS } })] });
      await world.pass({ catalog });
      const report = await world.pass({ catalog, nonce: 'b' });
      expect(report.quarantined).toEqual([]);
      expect(acked()).toHaveLength(2);
    },
  );
});

it('a decision of tomorrow does not hide one of today', async () => {
  const catalog = catalogOf({ rules: [notifyRule({ dedupe: { key: 'event.subject', window: '1h', window_ms: 3_600_000 } })] });
  await world.record([failedRun('1', { time: '2026-11-23T11:00:00.000Z' })]);
  await world.pass({ catalog });
  await world.record([failedRun('2', { time: '2026-11-22T11:00:00.000Z' }), failedRun('3', { time: '2026-11-23T10:30:00.000Z' })]);
  await world.pass({ catalog, nonce: 'b' });
  expect(acked()).toHaveLength(2);
});
