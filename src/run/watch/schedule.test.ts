import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Moment, Schedule, type WakeReason } from './schedule.ts';

const DAY_MS = 86_400_000;
const RESCAN_MS = 60_000;

/** A schedule with both clocks in the hands of the test. */
class FakeTime {
  wall_ms = Date.parse('2026-11-22T12:00:00.000Z');
  steady_ms = 1_000;
  readonly schedule = new Schedule(RESCAN_MS, this.now);

  get now(): Moment {
    return { wall_ms: this.wall_ms, steady_ms: this.steady_ms };
  }

  pass(ms: number): void {
    this.wall_ms += ms;
    this.steady_ms += ms;
  }

  /** Makes the pass that must be due now. */
  made(fruitful: boolean, dueIn_ms: number | null = null): WakeReason[] {
    const next = this.schedule.next(this.now);
    if (!('reasons' in next)) throw new Error(`no pass, but ${next.sleep_ms} ms of sleep`);
    this.schedule.passed({ fruitful, nextDue_ms: dueIn_ms === null ? null : this.wall_ms + dueIn_ms }, this.now);
    return next.reasons;
  }

  get sleep_ms(): number {
    const next = this.schedule.next(this.now);
    if (!('sleep_ms' in next)) throw new Error(`no sleep, but a pass for ${next.reasons}`);
    return next.sleep_ms;
  }

  /** Lives on for a while, with timers only; returns when passes were made, in ms from now. */
  live(for_ms: number, pass: () => { fruitful: boolean; dueAt_ms: number | null }): number[] {
    const from = this.steady_ms;
    const made: number[] = [];
    while (this.steady_ms - from < for_ms) {
      const next = this.schedule.next(this.now);
      if ('sleep_ms' in next) {
        this.pass(next.sleep_ms);
        continue;
      }
      made.push(this.steady_ms - from);
      const { fruitful, dueAt_ms } = pass();
      this.schedule.passed({ fruitful, nextDue_ms: dueAt_ms }, this.now);
    }
    return made;
  }
}

const started = (dueIn_ms: number | null = null): FakeTime => {
  const time = new FakeTime();
  expect(time.made(true, dueIn_ms)).toEqual(['start']);
  return time;
};

describe('a pass is made', () => {
  it('at once at the start, and then not before the rescan', () => {
    const time = started();
    expect(time.sleep_ms).toBe(RESCAN_MS);
    time.pass(RESCAN_MS);
    expect(time.made(false)).toEqual(['rescan']);
    expect(time.sleep_ms).toBe(RESCAN_MS);
  });

  it('once for any number of wake-ups', () => {
    const time = started();
    for (let i = 0; i < 1000; i++) time.schedule.wake(i % 2 === 0 ? 'bell' : 'inbox');
    expect(time.made(true)).toEqual(['bell', 'inbox']);
    expect(time.sleep_ms).toBeGreaterThan(1);
  });

  it('once more for any number of wake-ups while one is under way', () => {
    const time = new FakeTime();
    time.schedule.next(time.now);
    for (let i = 0; i < 1000; i++) time.schedule.wake('bell');
    time.schedule.passed({ fruitful: true, nextDue_ms: null }, time.now);
    expect(time.made(false)).toEqual(['bell']);
    expect(time.sleep_ms).toBe(RESCAN_MS);
  });

  it('at the exact time when the next step is due', () => {
    const time = started(12_345);
    expect(time.sleep_ms).toBe(12_345);
    time.pass(12_344);
    expect(time.sleep_ms).toBe(1);
    time.pass(1);
    expect(time.made(true)).toEqual(['due']);
  });

  it('at the exact time of a step that is due soon after a pass which found nothing to do', () => {
    const time = started();
    time.schedule.wake('bell');
    time.made(false, 30);
    expect(time.sleep_ms).toBe(30);
  });

  it('once for a ping', () => {
    const time = started();
    time.schedule.ping(time.wall_ms + 500);
    expect(time.sleep_ms).toBe(500);
    time.pass(500);
    expect(time.made(false)).toEqual(['due']);
    expect(time.sleep_ms).toBe(RESCAN_MS - 500);
  });
});

it('rescans more often when other documents ask for it, and at once where that is overdue', () => {
  const time = started();
  time.pass(30_000);
  time.schedule.rescanEvery(10_000, time.now);
  expect(time.sleep_ms).toBe(10_000);
  time.pass(10_000);
  expect(time.made(false)).toEqual(['rescan']);
  expect(time.sleep_ms).toBe(10_000);
});

it('never sleeps longer than setTimeout can', () => {
  const time = new FakeTime();
  const schedule = new Schedule(100 * DAY_MS, time.now);
  schedule.next(time.now);
  schedule.passed({ fruitful: true, nextDue_ms: time.wall_ms + 90 * DAY_MS }, time.now);
  expect(schedule.next(time.now)).toEqual({ sleep_ms: 2 ** 31 - 1 });
});

describe('the wall clock', () => {
  it('jumps forward: what has become due is noticed by the next rescan', () => {
    const time = started(2 * DAY_MS);
    time.wall_ms += 3 * DAY_MS;
    expect(time.schedule.next(time.now)).toEqual({ reasons: ['due'] });
  });

  it('jumps back before the timer fires: no pass, no busy loop, and the rescan goes on', () => {
    const time = started(10_000);
    time.wall_ms -= 5 * DAY_MS;
    time.pass(10_000);
    expect(time.sleep_ms).toBe(RESCAN_MS - 10_000);
    time.pass(RESCAN_MS - 10_000);
    expect(time.made(false, 5 * DAY_MS)).toEqual(['rescan']);
  });

  it('jumps back while a plan goes on saying that something was due long ago: a pass a second at most', () => {
    const time = started(0);
    const made = time.live(100_000, () => ({ fruitful: false, dueAt_ms: Date.parse('2020-01-01T00:00:00.000Z') }));
    expect(made.length).toBeLessThanOrEqual(103);
    expect(made.length).toBeGreaterThan(90);
  });
});

it('a plan that always says "in a millisecond" makes no busy loop', () => {
  const time = started(1);
  expect(time.live(100_000, () => ({ fruitful: false, dueAt_ms: time.wall_ms + 1 })).length).toBeLessThan(110);
});

describe('a storm of rings', () => {
  const stormFor = (time: FakeTime, for_ms: number, fruitful: boolean): number => {
    let passes = 0;
    for (const end = time.steady_ms + for_ms; time.steady_ms < end; time.pass(1)) {
      time.schedule.wake('bell');
      if (!('reasons' in time.schedule.next(time.now))) continue;
      passes++;
      time.schedule.passed({ fruitful, nextDue_ms: null }, time.now);
    }
    return passes;
  };

  it('with nothing behind it is answered once a second in the end', () => {
    expect(stormFor(started(), 100_000, false)).toBeLessThan(120);
  });

  it('with work behind it is answered every time', () => {
    expect(stormFor(started(), 1_000, true)).toBe(1_000);
  });

  it('does not make the first ring after some silence wait', () => {
    const time = started();
    stormFor(time, 10_000, false);
    time.pass(3_000);
    time.made(false);
    time.pass(3_000);
    time.schedule.wake('inbox');
    expect(time.made(true)).toEqual(['inbox']);
  });

  it('never holds up a rescan, other documents or SIGHUP', () => {
    const time = started();
    stormFor(time, 10_000, false);
    for (const reason of ['documents', 'hangup'] as const) {
      time.schedule.wake(reason);
      expect(time.made(false)).toContain(reason);
    }
  });
});

it('after a pass that failed, rings wait a second and the rescan tries again', () => {
  const time = started();
  time.schedule.wake('bell');
  time.schedule.next(time.now);
  time.schedule.failed(time.now);
  time.schedule.wake('bell');
  expect(time.sleep_ms).toBe(1_000);
  time.pass(1_000);
  expect(time.schedule.next(time.now)).toEqual({ reasons: ['bell'] });
  time.schedule.failed(time.now);
  expect(time.sleep_ms).toBe(RESCAN_MS - 1_000);
});

it('whatever happens, it never sleeps past the rescan, and passes that find nothing stay rare', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wake' as const), reason: fc.constantFrom<WakeReason>('bell', 'inbox', 'state') }),
    fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -30 * DAY_MS, max: 30 * DAY_MS }) }),
    fc.record({ kind: fc.constant('live' as const), ms: fc.integer({ min: 1, max: 200_000 }), due_ms: fc.integer({ min: -DAY_MS, max: DAY_MS }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const time = started();
      for (const item of steps) {
        if (item.kind === 'wake') time.schedule.wake(item.reason);
        else if (item.kind === 'jump') time.wall_ms += item.ms;
        else {
          const made = time.live(item.ms, () => ({ fruitful: false, dueAt_ms: time.wall_ms + item.due_ms }));
          expect(made.length).toBeLessThanOrEqual(item.ms / 1_000 + item.ms / RESCAN_MS + 5);
          if (item.ms > RESCAN_MS) expect(made.length).toBeGreaterThan(0);
        }
      }
    }),
  );
});
