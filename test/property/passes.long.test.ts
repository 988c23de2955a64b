import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '../../src/model/event.ts';
import { sensesOf } from '../../src/run/senses.ts';
import type { FileSystem } from '../../src/store/files.ts';
import { realFileSystem } from '../../src/store/files.ts';
import { crashingDisk } from '../support/crashing-disk.ts';
import { expectationOf } from '../support/expectations.ts';
import { catalogOf, notifyRule, resolvedSender, World } from '../support/world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MIN = 24 * 60;
const DAYS = 2;
/** Clocks of file systems are this coarse at most: a folder that gets two files within it may look as after the first one. */
const TICK_MS = 12;

/** Folders changed long after it by the clock of a pass, so that each is listed again, or long before, so that memory is believed. */
const STARTS = ['2020-11-22T00:00:00.000Z', '2036-11-22T00:00:00.000Z'].map((time) => Date.parse(time));

const CATALOG = catalogOf({
  rules: [notifyRule({ id: 'silence-reaches-operator', when: 'event.type == "report.overdue"', within_ms: null })],
  senders: { hook: resolvedSender({ idempotent: true, retry: { attempts: 10, initial_ms: 1_000, factor: 1, max_ms: 1_000 } }) },
  expectations: [
    expectationOf({ remind: { every_ms: 5 * HOUR_MS, atMost: 2 } }),
    expectationOf({ id: 'agents-speak', subject: 'agent/*', due: { kind: 'every', every_ms: 9 * HOUR_MS, grace_ms: 10 * MINUTE_MS } }),
    expectationOf({
      id: 'running-work-speaks',
      subject: '**',
      due: { kind: 'after', after: 'run.started', within_ms: 40 * MINUTE_MS },
      expect: ['run.progress', 'run.succeeded', 'run.failed'],
    }),
    expectationOf({
      id: 'agents-leave-a-file',
      subject: 'agent/main',
      due: null,
      produces: { path: 'out/*', newerThan: null, minBytes: 1, grace_ms: 30 * MINUTE_MS },
    }),
  ],
});

interface Timeline {
  start_ms: number;
  words: { minute: number; type: string; subject: string; run: string | undefined }[];
}

const timelines: fc.Arbitrary<Timeline> = fc.record({
  start_ms: fc.constantFrom(...STARTS),
  words: fc.array(
    fc.record({
      minute: fc.integer({ min: 0, max: DAYS * DAY_MIN }),
      type: fc.constantFrom('run.started', 'run.progress', 'run.succeeded', 'run.failed'),
      subject: fc.constantFrom('job/nightly-backup', 'agent/main', 'agent/side'),
      run: fc.constantFrom(undefined, 'r1', 'r2'),
    }),
    { maxLength: 12 },
  ),
});
const minutes = fc.array(fc.integer({ min: 1, max: DAYS * DAY_MIN - 1 }), { maxLength: 8 });

const draftOf = ({ start_ms, words }: Timeline, i: number): EventDraft => {
  const { minute, type, subject, run } = words[i] as Timeline['words'][number];
  const time = new Date(start_ms + minute * MINUTE_MS).toISOString();
  return { source: 'test', id: String(i), type, subject, time, provenance: 'observed', ...(run === undefined ? {} : { runid: run }) };
};

type Pass = (world: World, now_ms: number, i: number) => Promise<unknown>;

const onePass: Pass = (world, now_ms, i) => world.pass({ catalog: CATALOG, now_ms, nonce: `${i}` });

/** Names of all events after passes at these minutes, beside one at the beginning and one at the end; each word is recorded when it happens. */
async function eventsAfter(timeline: Timeline, at: readonly number[], pass: Pass = onePass): Promise<string[]> {
  const { start_ms, words } = timeline;
  const world = new World();
  try {
    const arriving = words.map(({ minute }, i) => ({ minute, i })).sort((a, b) => a.minute - b.minute);
    const moments = [...new Set([0, ...at, DAYS * DAY_MIN])].sort((a, b) => a - b);
    for (const [n, moment] of moments.entries()) {
      while (arriving[0] && arriving[0].minute <= moment) {
        const { i, minute } = arriving.shift() as (typeof arriving)[number];
        await world.record([draftOf(timeline, i)], start_ms + minute * MINUTE_MS);
      }
      if (start_ms > Date.now()) await sleep(TICK_MS);
      await pass(world, start_ms + moment * MINUTE_MS, n);
    }
    return world.paths().flatMap((path) => (path.startsWith('events/') ? [path.slice(path.lastIndexOf('/') + 1)] : []));
  } finally {
    world.remove();
  }
}

const daily = Array.from({ length: DAYS }, (_, day) => day * DAY_MIN);
const hourly = Array.from({ length: DAYS * 24 }, (_, hour) => hour * 60);

describe('any split of one timeline into passes on disk', () => {
  it('writes down the same events: once an hour, once a day, at random', async () => {
    let overdue = 0;
    await fc.assert(
      fc.asyncProperty(timelines, minutes, async (timeline, at) => {
        const random = await eventsAfter(timeline, at);
        expect(await eventsAfter(timeline, daily)).toEqual(random);
        expect(await eventsAfter(timeline, hourly)).toEqual(random);
        overdue += random.filter((name) => name.includes('report.overdue')).length;
      }),
      { numRuns: 10 },
    );
    expect(overdue, 'there was something to find').toBeGreaterThan(10);
  });

  it('writes down the same events when two processes take turns, one of them for long, and what is remembered gets lost in between', async () => {
    await fc.assert(
      fc.asyncProperty(timelines, minutes, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), async (timeline, at, dice) => {
        const senses = new Map<World, ReturnType<typeof sensesOf>>();
        const takingTurns: Pass = (world, now_ms, i) => {
          const roll = dice.next().value;
          if (roll === 0) rmSync(world.layout.cache, { recursive: true, force: true });
          if (i % 2 === 0) return onePass(world, now_ms, i);
          const own = senses.get(world) ?? sensesOf({ root: world.root, layout: world.layout, catalog: CATALOG });
          senses.set(world, own);
          return world.pass({ catalog: CATALOG, now_ms, nonce: 'other', senses: own });
        };
        const turns = await eventsAfter(timeline, [...at, ...at.map((minute) => minute + 1)], takingTurns);
        expect(turns).toEqual(await eventsAfter(timeline, daily));
      }),
      { numRuns: 16 },
    );
  });

  it('writes down the same events when processes die in the middle of passes, at any write', async () => {
    await fc.assert(
      fc.asyncProperty(timelines, minutes, fc.infiniteStream(fc.integer({ min: 0, max: 60 })), async (timeline, at, dice) => {
        let died = 0;
        const dying: Pass = async (world, now_ms, i) => {
          const io = crashingDisk(dice.next().value);
          await world.pass({ catalog: CATALOG, now_ms, nonce: `dead ${i}`, io }).catch((error: unknown) => {
            if (!io.dead()) throw error;
            died++;
          });
          await onePass(world, now_ms, i);
          // What the dead one may have sent is sent again, a second later.
          await onePass(world, now_ms + 1_000, i);
        };
        expect(await eventsAfter(timeline, at, dying)).toEqual(await eventsAfter(timeline, at));
        fc.pre(died > 0);
      }),
      { numRuns: 16 },
    );
  });
});

/** A disk that is full: nothing can be written, everything can be read. */
const fullDisk: FileSystem = {
  ...realFileSystem,
  writeSync: () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  },
};

describe('a pass that could not write down what it had found', () => {
  const [expectation] = CATALOG.expectations;
  const catalog = { ...CATALOG, expectations: expectation ? [{ ...expectation, remind: null }] : [] };
  const at = (time: string): number => Date.parse(`2026-11-${time}:00.000Z`);

  it.each(['the same process', 'the next process'])('is made good by %s', async (who) => {
    const world = new World();
    try {
      const senses = sensesOf({ root: world.root, layout: world.layout, catalog });
      const word: EventDraft = {
        source: 'test',
        id: '1',
        type: 'run.succeeded',
        subject: 'job/nightly-backup',
        time: '2026-11-22T03:01:00.000Z',
        provenance: 'observed',
      };
      await world.record([word], at('22T12:00'));
      await world.pass({ catalog, senses, now_ms: at('22T12:00') });
      await expect(world.pass({ catalog, senses, now_ms: at('23T04:00'), io: fullDisk })).rejects.toThrow(/ENOSPC/);
      // As it does when it ends.
      senses.watchdog.remember(null);
      const { raised } = await world.pass({ catalog, now_ms: at('23T04:01'), ...(who === 'the same process' ? { senses } : {}) });
      expect(raised.map(({ type, subject }) => `${type} ${subject}`)).toEqual(['report.overdue job/nightly-backup']);
    } finally {
      world.remove();
    }
  });
});
